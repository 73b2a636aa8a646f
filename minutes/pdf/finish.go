package pdf

import (
	"bytes"
	"compress/zlib"
	"crypto/md5" //nolint:gosec // the check sum that ISO 32000-1, 7.11.4 asks for, no secret
	"crypto/sha256"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"

	"github.com/rcp-care/rcp/internal/fault"
)

// The finisher takes gofpdf's file apart and writes it again as PDF/A-3a (ISO
// 19005-3) and PDF/UA-1 (ISO 14289-1): gofpdf's objects keep their numbers,
// its information and catalog are replaced, and what is missing follows.

// file is a PDF being written.
type file struct {
	bytes.Buffer
	offsets []int // of each object, from 1; zero: not written
	err     error // the first of compressing
}

// reserve gives out a number for an object written later.
func (f *file) reserve() int {
	f.offsets = append(f.offsets, 0)
	return len(f.offsets)
}

// object writes an object under a number given out.
func (f *file) object(n int, body []byte) {
	f.offsets[n-1] = f.Len()
	f.WriteString(strconv.Itoa(n))
	f.WriteString(" 0 obj\n")
	f.Write(body)
	f.WriteString("\nendobj\n")
}

// add writes an object under the next number.
func (f *file) add(format string, args ...any) int {
	n := f.reserve()
	f.object(n, fmt.Appendf(nil, format, args...))
	return n
}

// stream writes a stream with these entries, compressed.
func (f *file) stream(entries string, data []byte) int {
	n := f.reserve()
	f.object(n, f.packed(entries, data))
	return n
}

// packed is the body of a compressed stream.
func (f *file) packed(entries string, data []byte) []byte {
	var z bytes.Buffer
	w := zlib.NewWriter(&z)
	_, err := w.Write(data)
	if err == nil {
		err = w.Close()
	}
	if f.err == nil {
		f.err = err
	}
	return plain(entries+"/Filter/FlateDecode", z.Bytes())
}

// plain is the body of a stream as it is.
func plain(entries string, data []byte) []byte {
	b := fmt.Appendf(nil, "<<%s/Length %d>>\nstream\n", entries, len(data))
	return append(append(b, data...), "\nendstream"...)
}

// finish writes gofpdf's file again with what the canvas knows.
func finish(raw []byte, c *canvas) ([]byte, error) {
	bodies, err := objects(raw)
	if err != nil {
		return nil, err
	}
	bodies = bodies[:len(bodies)-2] // information and catalog: ours follow
	f := &file{}
	f.Grow(len(raw) + 64<<10)
	f.WriteString("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
	pages := f.copied(bodies, c)
	tree := f.structure(c.tags, pages)
	catalog := f.catalog(c, tree, f.bookmarks(c.marks, pages))
	information := f.information(c.info)
	f.end(catalog, information)
	return f.Bytes(), f.err
}

// objects returns the bodies of gofpdf's objects, the first being number 1.
func objects(raw []byte) ([][]byte, error) {
	const op = "pdf.objects"
	at := bytes.LastIndex(raw, []byte("startxref\n"))
	if at < 0 {
		return nil, fault.Errorf(op, "gofpdf wrote no startxref")
	}
	xref, err := strconv.Atoi(string(bytes.TrimSpace(bytes.TrimSuffix(raw[at+10:], []byte("%%EOF\n")))))
	if err != nil || xref > len(raw) {
		return nil, fault.Errorf(op, "gofpdf's startxref is no offset")
	}
	var bodies [][]byte
	for i, line := range bytes.Split(raw[xref:at], []byte("\n"))[3:] {
		offset, ok := bytes.CutSuffix(line, []byte(" 00000 n "))
		if !ok {
			break
		}
		begin, err := strconv.Atoi(string(offset))
		head := fmt.Sprintf("%d 0 obj\n", i+1)
		if err != nil || begin > xref || !bytes.HasPrefix(raw[begin:], []byte(head)) {
			return nil, fault.Errorf(op, "object %d is not where it should be", i+1)
		}
		bodies = append(bodies, raw[begin+len(head):])
	}
	for i, b := range bodies {
		if bodies[i], err = body(b); err != nil {
			return nil, err
		}
	}
	if len(bodies) < 4 {
		return nil, fault.Errorf(op, "gofpdf wrote %d objects", len(bodies))
	}
	return bodies, nil
}

var streamLength = regexp.MustCompile(`/Length ([0-9]+)`)

// body cuts what begins with an object's body at its end; the bytes of a
// stream may hold anything, so its length tells where it ends.
func body(b []byte) ([]byte, error) {
	end, from := bytes.Index(b, []byte("endobj")), 0
	if s := bytes.Index(b, []byte("\nstream\n")); s >= 0 && s < end {
		m := streamLength.FindSubmatch(b[:s])
		if m == nil {
			return nil, fault.Errorf("pdf.body", "a stream without length")
		}
		length, err := strconv.Atoi(string(m[1]))
		if err != nil || s+8+length > len(b) {
			return nil, fault.Errorf("pdf.body", "a stream with a wrong length")
		}
		from = s + 8 + length
		end = from + bytes.Index(b[from:], []byte("endobj"))
	}
	if end < from {
		return nil, fault.Errorf("pdf.body", "an object without end")
	}
	return bytes.TrimRight(b[:end], "\n"), nil
}

var (
	pageObject = []byte("<</Type /Page\n")
	toUnicode  = regexp.MustCompile(`^<</Type /Font\n/Subtype /Type0(?s:.*)/ToUnicode ([0-9]+) 0 R`)
	fontName   = regexp.MustCompile(`/utf8sourcesans3[BI]?|/utf8dejavusans`)
)

// copied writes gofpdf's objects and returns the numbers of its pages.
func (f *file) copied(bodies [][]byte, c *canvas) (pages []int) {
	unicode := map[int]bool{}
	for range bodies {
		f.reserve()
	}
	for i, b := range bodies {
		n := i + 1
		m := toUnicode.FindSubmatch(b)
		switch {
		case bytes.HasPrefix(b, pageObject):
			b = fmt.Appendf(nil, "<</Type/Page/StructParents %d/Tabs/S\n%s", len(pages), b[len(pageObject):])
			pages = append(pages, n)
		case m != nil:
			number, _ := strconv.Atoi(string(m[1])) // digits
			unicode[number] = true
		case unicode[n]:
			b = f.packed("", characters(c.high))
		}
		if bytes.HasPrefix(b, []byte("<</Type /Font")) {
			b = fontName.ReplaceAllFunc(b, subsetName)
		}
		f.object(n, b)
	}
	return pages
}

// subsetName is the name of a part of a face: a tag of six letters, then the
// name of the whole (ISO 32000-1, 9.6.4).
func subsetName(gofpdf []byte) []byte {
	name := map[string]string{
		"/utf8sourcesans3": "RCPAAA+SourceSans3-Regular", "/utf8sourcesans3B": "RCPAAB+SourceSans3-SemiBold",
		"/utf8sourcesans3I": "RCPAAC+SourceSans3-Italic", "/utf8dejavusans": "RCPAAD+DejaVuSans",
	}[string(gofpdf)]
	return []byte("/" + name)
}

// characters is the map from codes to Unicode: codes are Unicode, in ranges
// that vary in their last byte only, since readers take no others.
func characters(high [256]bool) []byte {
	var ranges []string
	for h, used := range high {
		if used {
			ranges = append(ranges, fmt.Sprintf("<%02X00> <%02XFF> <%02X00>\n", h, h, h))
		}
	}
	var b bytes.Buffer
	b.WriteString("/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n" +
		"/CIDSystemInfo <</Registry (Adobe)/Ordering (UCS)/Supplement 0>> def\n" +
		"/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n")
	for len(ranges) > 0 {
		n := min(len(ranges), 100) // the most that one block may hold
		fmt.Fprintf(&b, "%d beginbfrange\n%sendbfrange\n", n, strings.Join(ranges[:n], ""))
		ranges = ranges[n:]
	}
	b.WriteString("endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n") //nolint:dupword // two dictionaries end
	return b.Bytes()
}

// catalog writes what belongs to the whole document.
func (f *file) catalog(c *canvas, tree int, outline string) int {
	profile := f.stream("/N 3", sRGB())
	intent := f.add("<</Type/OutputIntent/S/GTS_PDFA1/OutputConditionIdentifier(sRGB)/RegistryName(http://www.color.org)"+
		"/Info(sRGB IEC61966-2.1)/DestOutputProfile %d 0 R>>", profile)
	metadata := f.reserve()
	f.object(metadata, plain("/Type/Metadata/Subtype/XML", packet(c.info)))
	data := f.attachment(c.info)
	return f.add("<</Type/Catalog/Version/1.7/Pages 1 0 R/Lang(fr-FR)/MarkInfo<</Marked true>>/StructTreeRoot %d 0 R"+
		"/ViewerPreferences<</DisplayDocTitle true>>/PageLayout/OneColumn%s/OpenAction[3 0 R/FitH null]/Metadata %d 0 R"+
		"/OutputIntents[%d 0 R]/AF[%d 0 R]/Names<</EmbeddedFiles<</Names[(%s)%d 0 R]>>>>>>",
		tree, outline, metadata, intent, data, c.info.file, data)
}

// bookmarks writes the outline (ISO 32000-1, 12.3.3), one entry after the
// other, and returns what the catalog says of it.
func (f *file) bookmarks(marks []bookmark, pages []int) string {
	if len(marks) == 0 {
		return ""
	}
	outline := f.reserve()
	first := outline + 1
	last := outline + len(marks)
	for range marks {
		f.reserve()
	}
	f.object(outline, fmt.Appendf(nil, "<</Type/Outlines/First %d 0 R/Last %d 0 R/Count %d>>", first, last, len(marks)))
	for i, m := range marks {
		beside := ""
		if i > 0 {
			beside = fmt.Sprintf("/Prev %d 0 R", first+i-1)
		}
		if first+i < last {
			beside += fmt.Sprintf("/Next %d 0 R", first+i+1)
		}
		f.object(first+i, fmt.Appendf(nil, "<</Title%s/Parent %d 0 R%s/Dest[%d 0 R/XYZ %.0f %.2f null]>>",
			textString(m.title), outline, beside, pages[m.page], left, m.top))
	}
	return fmt.Sprintf("/Outlines %d 0 R/PageMode/UseOutlines", outline)
}

// attachment writes the data that the document was made from; its
// specification says so (ISO 19005-3, annex E: Source).
func (f *file) attachment(i info) int {
	sum := md5.Sum(i.data) //nolint:gosec // see the import
	content := f.stream(fmt.Sprintf("/Type/EmbeddedFile/Subtype/application#2Fjson/Params<</Size %d/CreationDate(%s)/ModDate(%[2]s)/CheckSum<%X>>>",
		len(i.data), moment(i.at), sum), i.data)
	return f.add("<</Type/Filespec/F(%s)/UF%s/Desc%s/AFRelationship/Source/EF<</F %d 0 R/UF %[4]d 0 R>>>>",
		i.file, textString(i.file), textString(i.what), content)
}

// information writes the dictionary that the metadata repeats.
func (f *file) information(i info) int {
	author := ""
	if i.author != "" {
		author = "/Author" + textString(i.author)
	}
	return f.add("<</Title%s%s/Creator(%s)/Producer(%[3]s)/CreationDate(%s)/ModDate(%[4]s)>>",
		textString(i.title), author, program, moment(i.at))
}

// end writes the table of objects and the trailer. The identifier is a hash of
// all that stands before the table: no byte changes without it.
func (f *file) end(catalog, information int) {
	sum := sha256.Sum256(f.Bytes())
	at := f.Len()
	fmt.Fprintf(f, "xref\n0 %d\n0000000000 65535 f \n", len(f.offsets)+1)
	for _, o := range f.offsets {
		fmt.Fprintf(f, "%010d 00000 n \n", o)
	}
	fmt.Fprintf(f, "trailer\n<</Size %d/Root %d 0 R/Info %d 0 R/ID[<%X><%[4]X>]>>\nstartxref\n%d\n%%%%EOF\n",
		len(f.offsets)+1, catalog, information, sum[:16], at)
}

// moment is a PDF date with its offset.
func moment(t time.Time) string {
	s := t.Format("D:20060102150405-07'00'")
	_, offset := t.Zone()
	return s[:len(s)-3] + fmt.Sprintf("%02d'", max(offset, -offset)/60%60)
}

// textString is s as a text string in UTF-16.
func textString(s string) string {
	b := []byte{0xFE, 0xFF}
	for _, u := range utf16.Encode([]rune(s)) {
		b = append(b, byte(u>>8), byte(u)) //nolint:gosec // both bytes are written
	}
	return fmt.Sprintf("<%X>", b)
}
