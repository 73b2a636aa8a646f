package check_test

import (
	"bytes"
	"compress/zlib"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"image"
	"image/png"
	"io"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/meetings"
	"github.com/rcp-care/rcp/minutes"
	"github.com/rcp-care/rcp/minutes/pdf"
	"github.com/rcp-care/rcp/minutes/pdf/check"
)

// register has one of each thing that is checked.
func register(t testing.TB) []byte {
	t.Helper()
	c := minutes.Content{
		Org: "Valbrume", Logo: logo(), Team: "Nord", Kind: meetings.Synthese, Zone: "Europe/Paris", Version: 1,
		Starts: time.Date(2026, 11, 26, 13, 30, 0, 0, time.UTC), SignedAt: time.Date(2026, 11, 26, 15, 42, 0, 0, time.UTC),
		Signer: "Dr Solène Varennes", SignerRPPS: "10101234567",
		Participants: []minutes.Participant{{Name: "Dr Solène Varennes", Presence: meetings.Present}},
		Cases: []minutes.Case{{
			Patient: "p-1", BirthFamily: "Aubriot", BirthGiven: "Lucienne", BirthDate: date.New(1939, 3, 14),
			Reasons:  []string{"Chute", "Examen prévu"},
			Decision: minutes.Decision{Summary: "Plan inchangé.", Actions: []minutes.NewAction{{Title: "Appeler"}}},
		}},
	}
	r, err := pdf.Render(c, pdf.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return r.PDF
}

// logo is a picture of eight pixels.
func logo() minutes.Logo {
	img := image.NewRGBA(image.Rect(0, 0, 8, 1))
	for i := range img.Pix {
		img.Pix[i] = 0xff
	}
	var b bytes.Buffer
	_ = png.Encode(&b, img)
	sum := sha256.Sum256(b.Bytes())
	return minutes.Logo{SHA256: hex.EncodeToString(sum[:]), Width: 8, Height: 1, PNG: b.Bytes()}
}

// parts is a document taken apart, to be put together again with something
// broken: then only what was broken is wrong, and not the frame around it.
type parts struct {
	header, trailer string
	objects         []string
}

var (
	startxref = regexp.MustCompile(`\nstartxref\n([0-9]+)\n%%EOF\n$`)
	declared  = regexp.MustCompile(`/Length [0-9]+`)
)

func apart(t testing.TB, b []byte) *parts {
	t.Helper()
	at, err := strconv.Atoi(string(startxref.FindSubmatch(b)[1]))
	if err != nil {
		t.Fatal(err)
	}
	p := &parts{header: string(b[:15])}
	table, trailer, _ := strings.Cut(string(b[at:]), "trailer\n")
	p.trailer, _, _ = strings.Cut(trailer, "\nstartxref")
	var begins []int
	for _, l := range strings.Split(table, "\n")[3:] {
		if n, err := strconv.Atoi(strings.TrimSuffix(l, " 00000 n ")); err == nil {
			begins = append(begins, n)
		}
	}
	for i, n := range begins {
		end := at
		for _, m := range begins {
			if m > n && m < end {
				end = m
			}
		}
		o := strings.TrimPrefix(string(b[n:end]), fmt.Sprintf("%d 0 obj\n", i+1))
		p.objects = append(p.objects, strings.TrimSuffix(o, "\nendobj\n"))
	}
	return p
}

var identifier = regexp.MustCompile(`<[0-9A-F]{32}>`)

func (p *parts) together() []byte {
	var b bytes.Buffer
	b.WriteString(p.header)
	offsets := make([]int, len(p.objects))
	for i, o := range p.objects {
		offsets[i] = b.Len()
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	sum, at := sha256.Sum256(b.Bytes()), b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(p.objects)+1)
	for _, o := range offsets {
		fmt.Fprintf(&b, "%010d 00000 n \n", o)
	}
	trailer := identifier.ReplaceAllString(p.trailer, fmt.Sprintf("<%X>", sum[:16]))
	fmt.Fprintf(&b, "trailer\n%s\nstartxref\n%d\n%%%%EOF\n", trailer, at)
	return b.Bytes()
}

// edit changes the first object, or unpacked stream, that change applies to.
func edit(what string, change func(string) string) func(testing.TB, *parts) {
	return func(t testing.TB, p *parts) {
		t.Helper()
		for i, o := range p.objects {
			head, raw, isStream := strings.Cut(o, "\nstream\n")
			if now := change(head); now != head {
				p.objects[i] = now + o[len(head):]
				return
			}
			data, packed := unpack(head, strings.TrimSuffix(raw, "\nendstream"))
			if now := change(data); isStream && now != data {
				p.objects[i] = pack(head, now, packed)
				return
			}
		}
		t.Fatalf("no %q in the document", what)
	}
}

// swap replaces the first from.
func swap(from, to string) func(testing.TB, *parts) {
	return edit(from, func(s string) string { return strings.Replace(s, from, to, 1) })
}

// last replaces the last from of the object where it is first found.
func last(from, to string) func(testing.TB, *parts) {
	return edit(from, func(s string) string {
		if i := strings.LastIndex(s, from); i >= 0 {
			return s[:i] + to + s[i+len(from):]
		}
		return s
	})
}

// match replaces what a pattern matches first.
func match(pattern, to string) func(testing.TB, *parts) {
	re := regexp.MustCompile(pattern)
	return edit(pattern, func(s string) string {
		m := re.FindStringSubmatchIndex(s)
		if m == nil {
			return s
		}
		return s[:m[0]] + string(re.ExpandString(nil, to, s, m)) + s[m[1]:]
	})
}

// notEmbedded makes a font's program none.
func notEmbedded(t testing.TB, p *parts) {
	t.Helper()
	for i, o := range p.objects {
		if head, raw, ok := strings.Cut(o, "\nstream\n"); ok && strings.Contains(head, "/Length1") {
			data, packed := unpack(head, strings.TrimSuffix(raw, "\nendstream"))
			p.objects[i] = pack(head, "OTTO"+data[4:], packed)
			return
		}
	}
	t.Fatal("no font")
}

func unpack(head, raw string) (string, bool) {
	if !strings.Contains(head, "FlateDecode") {
		return raw, false
	}
	z, err := zlib.NewReader(strings.NewReader(raw))
	if err != nil {
		return "", true
	}
	b, _ := io.ReadAll(z)
	return string(b), true
}

func pack(head, data string, packed bool) string {
	if packed {
		var z bytes.Buffer
		w := zlib.NewWriter(&z)
		_, _ = io.WriteString(w, data)
		_ = w.Close()
		data = z.String()
	}
	return declared.ReplaceAllString(head, fmt.Sprintf("/Length %d", len(data))) + "\nstream\n" + data + "\nendstream"
}

// trailer replaces in the trailer.
func trailer(from, to string) func(testing.TB, *parts) {
	return func(_ testing.TB, p *parts) { p.trailer = strings.Replace(p.trailer, from, to, 1) }
}

func both(a, b func(testing.TB, *parts)) func(testing.TB, *parts) {
	return func(t testing.TB, p *parts) { a(t, p); b(t, p) }
}

// TestBroken: each invariant, broken alone, is told.
func TestBroken(t *testing.T) {
	t.Parallel()
	whole := register(t)
	if found := check.Document(apart(t, whole).together()); len(found) > 0 || !bytes.Equal(apart(t, whole).together(), resorted(t, whole)) {
		t.Fatalf("taken apart and put together: %q", found)
	}
	for want, breaking := range broken {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			p := apart(t, whole)
			breaking(t, p)
			found := check.Document(p.together())
			if !strings.Contains(strings.Join(found, "\n"), want) {
				t.Errorf("want %q, found %q", want, found[:min(5, len(found))])
			}
		})
	}
}

// resorted is the document with its objects in the order of their numbers.
func resorted(t testing.TB, b []byte) []byte {
	t.Helper()
	return apart(t, apart(t, b).together()).together()
}

var broken = map[string]func(testing.TB, *parts){
	"does not begin with %PDF-1.7":   func(_ testing.TB, p *parts) { p.header = strings.Replace(p.header, "1.7", "1.4", 1) },
	"and a binary comment":           func(_ testing.TB, p *parts) { p.header = "%PDF-1.7\n%abcd\n" },
	"the trailer's Size":             trailer("/Size ", "/Size 1"),
	"the file is encrypted":          trailer("<<", "<</Encrypt<<>>"),
	"the catalog is missing":         trailer("/Root", "/Boot"),
	"the catalog is of another type": swap("/Type/Catalog", "/Type/Katalog"),

	"the language is not fr-FR":          swap("/Lang(fr-FR)", "/Lang(en-FR)"),
	"not marked as tagged":               swap("/Marked true", "/Marked false"),
	"the tags are suspect":               swap("/Marked true", "/Marked true/Suspects true"),
	"the window does not show the title": swap("/DisplayDocTitle true", "/DisplayDocTitle false"),
	"holds JavaScript":                   swap("/Type/Catalog", "/Type/Catalog/Names2<</JavaScript 1>>"),
	"holds AA":                           swap("/Type/Catalog", "/Type/Catalog/AA<<>>"),
	"holds Annots":                       swap("/Type/Page/", "/Type/Page/Annots[]/"),
	"a stream outside the file":          swap("/Type/EmbeddedFile", "/Type/EmbeddedFile/F(x)"),

	"the metadata is missing":       swap("/Metadata ", "/Metadate "),
	"the metadata are no plain XML": swap("/Type/Metadata", "/Type/Letadata"),
	"no XMP packet":                 swap("<?xpacket end", "<?xpacket fin"),
	"the metadata are malformed":    swap("</dc:format>", "</dc:farmat>"),
	"do not say PDF/A-3a":           swap("<pdfaid:conformance>A", "<pdfaid:conformance>B"),
	"do not say PDF/UA-1":           swap("<pdfuaid:part>1", "<pdfuaid:part>2"),
	"schema of PDF/UA":              swap("namespaceURI>http://www.aiim.org/pdfua", "namespaceURI>http://www.aiim.org/pdfub"),
	"has no title":                  swap(">Compte rendu de réunion de synthèse – Nord – 26/11/2026<", "><"),
	"Title is not the same":         swap("<</Title<FEFF0043", "<</Title<FEFF0044"),
	"Author is not the same":        swap("<rdf:li>Valbrume", "<rdf:li>Valbrune"),
	"Creator is not the same":       swap("/Creator(RCP)", "/Creator(RCQ)"),
	"Producer is not the same":      swap("<pdf:Producer>RCP", "<pdf:Producer>RCQ"),
	"CreationDate is not the same":  swap("<xmp:CreateDate>2026-11-26T16", "<xmp:CreateDate>2026-11-26T17"),
	"ModDate is not the same":       swap("<xmp:ModifyDate>2026-11-26T16:42:00+01", "<xmp:ModifyDate>2026-11-26T16:42:00+02"),

	"not one output intent":              swap("/S/GTS_PDFA1", "/S/GTS_PDFX"),
	"names no condition":                 swap("/OutputConditionIdentifier", "/OutputConditionIdentifie"),
	"has not three colours":              swap("/N 3", "/N 4"),
	"no RGB profile of a display":        swap("mntrRGB", "mntrGRB"),
	"profile is cut":                     swap("CC0\x00", "CC0\x00\x00\x00\x00\x00"),
	"lies outside it":                    swap("rTRC\x00", "rTRC\x01"),
	"there is not one file attached":     swap("/AF[", "/AG["),
	"not named the same everywhere":      swap("/F(compte-rendu.json)", "/F(compte_rendu.json)"),
	"not said to be the source":          swap("/AFRelationship/Source", "/AFRelationship/Data"),
	"is not described":                   swap("/Desc<", "/Dest<"),
	"two contents":                       swap("/UF 1", "/UG 1"),
	"not said to be JSON":                swap("application#2Fjson", "application#2Fxml"),
	"the attached file is no JSON":       swap(`{"org"`, `{{org"`),
	"another size or check sum":          swap("Plan inchang\u00e9.\"", "Plan \u00e9changin.\""),
	"the attached file has no date":      swap("/ModDate(D:20261126164200+01'00')/CheckSum", "/CheckSum"),
	"the number of pages is wrong":       swap("/Count 2", "/Count 3"),
	"page 1 is no page":                  swap("/Type/Page/", "/Type/Sage/"),
	"order of the keyboard":              swap("/Tabs/S", "/Tabs/R"),
	"page 1 is not bound":                swap("/StructParents 0", "/StructParents 7"),
	"page 1 is transparent":              swap("/Tabs/S", "/Tabs/S/Group<<>>"),
	"is no image":                        swap("/XObject <<", "/XObject <</I1 1 0 R"),
	"is not in RGB":                      swap("/ColorSpace /DeviceRGB", "/ColorSpace /DeviceCMYK"),
	"is not plain":                       swap("/Subtype /Image", "/Subtype /Image/Interpolate true"),
	"is not of its size":                 swap("/Width 8", "/Width 9"),
	"an image that is no figure":         swap("/Figure<</MCID", "/P<</MCID"),
	"a figure that says nothing":         swap("/Alt<FEFF", "/Alt<"+">/Alu<FEFF"),
	"a figure without its place":         swap("/BBox[", "/BBax["),
	"the bookmarks are of another type":  swap("/Type/Outlines", "/Type/Outlined"),
	"the bookmarks are missing":          swap("/Outlines ", "/Outlimes "),
	"not as many as are said":            match(`(/Type/Outlines/First [0-9]+ 0 R/Last [0-9]+ 0 R/Count )1`, "${1}7"),
	"says nothing":                       match(`/Title<[0-9A-F]+>/Parent`, "/Title<>/Parent"),
	"leads to no page":                   match(`/Dest\[[0-9]+ 0 R/XYZ`, "/Dest[1 0 R/XYZ"),
	"does not know the one before":       match(`(/Parent [0-9]+ 0 R)/Dest`, "$1/Prev 1 0 R/Dest"),
	"leads nowhere":                      match(`/Type/Outlines/First [0-9]+ 0 R`, "/Type/Outlines/First 9999 0 R"),
	"marked content inside":              swap("<</MCID 1>>BDC", "<</MCID 1>>BDC/P<</MCID 99>>BDC"),
	"ends that did not begin":            swap("EMC", "EMC EMC"), //nolint:dupword // twice on purpose
	"neither content nor artifact":       swap("/Artifact<</Type/Pagination>>BDC", "q Q"),
	"an artifact of no kind":             swap("/Artifact<</Type/Pagination>>BDC", "/Artifact<<>>BDC"),
	"without a number of its own":        swap("<</MCID 1>>", "<</MCID 0>>"),
	"does not end":                       last("EMC", ""),
	"that we do not write":               swap("0.50 w", "0.50 w 0 0 0 1 k"),
	"an unknown font":                    swap(" Tf ET", " Tf ET BT /F0 9 Tf ET"),
	"content is malformed":               swap("/Artifact<</Type/Pagination>>BDC", "/Artifact<</Type/Pagination>>BDC >>"),
	"is not a composite one":             swap("/Subtype /Type0", "/Subtype /Type1"),
	"is a part of one":                   both(swap("/RCPAAA+", "/RCPAAA-"), both(swap("/RCPAAA+", "/RCPAAA-"), swap("/RCPAAA+", "/RCPAAA-"))),
	"has two names":                      swap("/FontName /RCPAAA", "/FontName /RCPAAX"),
	"is not embedded":                    notEmbedded,
	"has no widths":                      swap("/W [", "/V ["),
	"has a CIDSet":                       swap("/Type /FontDescriptor", "/Type /FontDescriptor/CIDSet 1 0 R"),
	"a range of characters that readers": swap("<0000> <00FF> <0000>", "<0000> <01FF> <0000>"),
	"is no character":                    swap("<0000> <00FF> <0000>", "<0000> <00FF> <E000>"),
	"has no glyph":                       swap("/CIDToGIDMap ", "/CIDToGIDNap "),

	"the structure is missing":             swap("/StructTreeRoot ", "/StructTreeBoot "),
	"does not begin with a document":       swap("/S/Document", "/S/Sect"),
	"0 titles of the document":             swap("/S/H1", "/S/P"),
	"belongs to no element":                match(`(/S/H2/P [0-9]+ 0 R /Pg [0-9]+ 0 R /K\[)[0-9]+ `, "$1"),
	"another number of contents":           swap("/Nums[0[", "/Nums[0[1 0 R "),
	"one entry for each page":              swap("/Nums[", "/Nums[9[]"),
	"next key of the tree":                 swap("/ParentTreeNextKey ", "/ParentTreeNextKey 1"),
	"which we do not write":                swap("/S/LBody", "/S/Lbody"),
	"does not know the one it is in":       swap("/S/Table/P ", "/S/Table/P 1"),
	"after level 1":                        swap("/S/H2", "/S/H3"),
	"LI, holds P":                          swap("/S/LBody", "/S/P"),
	"Document, holds text":                 match(`(/S/Document/P [0-9]+ 0 R /K\[)`, "${1}0 "),
	"is empty":                             match(`(/S/L/P [0-9]+ 0 R )/K\[[^\]]*\]`, "$1/K[]"),
	"neither a column nor a row":           swap("/Scope/Row", "/Scope/Raw"),
	"whose first row is no header":         swap("/Scope/Column", "/Scope/Row"),
	"cells of 6":                           match(`(/S/TR/P [0-9]+ 0 R /K\[)[0-9]+ 0 R `, "$1"),
	"its element is":                       swap("/H1<</MCID", "/P<</MCID"),
	"the tree of parents names another":    match(`/Nums\[0\[[0-9]+`, "/Nums[0[1"),
	"content on no page":                   match(`(/S/H1/P [0-9]+ 0 R )/Pg [0-9]+`, "$1/Pg 1"),
	"the tree of parents is not in order":  swap("/Nums[0[", "/Nums[3["),
	"the colour profile cannot be unpack":  swap("/N 3/Filter/FlateDecode", "/N 3/Filter/LZWDecode"),
	"stands twice in the structure":        match(`(/S/LI/P [0-9]+ 0 R /K\[)([0-9]+ 0 R )`, "$1$2$2"),
	"object 1 is malformed":                swap("/Type /Pages", "/Type /Pages/Type"),
	"the stream cannot be unpacked":        swap("/N 3/Filter/FlateDecode", "/N 3/Filter/ASCII85Decode"),
	"do not share their resources":         swap("/Resources 2 0 R", "/Resources 1 0 R"),
	"has no descendant":                    swap("/DescendantFonts", "/DescendantFants"),
	"the characters of font":               swap("/ToUnicode", "/ToUnicodf"),
	"the program of font":                  swap("/FontFile2", "/FontFile3"),
	"has no collection":                    swap("/CIDSystemInfo", "/CIDSystemInfa"),
	"content 2 is marked":                  swap("/P<</MCID 2>>BDC", "/P<<>>BDC"),
	"half a character":                     swap(") Tj", "x) Tj"),
	"belongs to two elements":              swap("/K[0 ]", "/K[0 0 ]"),
	"there is not one file attached and a": swap("/Names[(", "/Namez[("),
}

// TestAnyByte: no byte of a document changes without being told.
func TestAnyByte(t *testing.T) {
	t.Parallel()
	whole := register(t)
	frame := bytes.LastIndex(whole, []byte("xref\n0 "))
	for i := 0; i < len(whole); i++ {
		changed := bytes.Clone(whole)
		changed[i] ^= 1
		if len(check.Document(changed)) == 0 {
			t.Errorf("byte %d of %d, %q, was changed and nothing is told", i, len(whole), whole[max(0, i-20):min(len(whole), i+20)])
		}
		if i < frame {
			i += 252 // the identifier is over all of these
		} else if i < len(whole)-400 {
			i += 10
		}
	}
}

// TestCut: nor is the document cut, or something written after it.
func TestCut(t *testing.T) {
	t.Parallel()
	whole := register(t)
	for n := 0; n < len(whole); n += 499 {
		if len(check.Document(whole[:n])) == 0 {
			t.Errorf("cut at %d of %d: nothing is told", n, len(whole))
		}
	}
	for _, more := range []string{" ", "\n", "\n%%EOF\n"} {
		if len(check.Document(append(bytes.Clone(whole), more...))) == 0 {
			t.Errorf("%q was added: nothing is told", more)
		}
	}
}

// FuzzDocument: whatever the bytes, the checker returns.
func FuzzDocument(f *testing.F) {
	whole := register(f)
	f.Add(whole)
	f.Add(whole[:len(whole)/2])
	f.Add([]byte("%PDF-1.7\n%\xe2\xe3\xcf\xd3\nxref\n0 1\n0000000000 65535 f \ntrailer\n<</Root 1 0 R>>\nstartxref\n15\n%%EOF\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if found := check.Document(b); len(found) == 0 && !bytes.Equal(b, whole) {
			t.Error("another document passes")
		}
	})
}
