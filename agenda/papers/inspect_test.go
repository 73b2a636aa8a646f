package papers

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"
	"time"

	"github.com/rcp-care/rcp/internal/fault"
)

// pdfOf builds a PDF of one empty page with more objects, numbered from 4.
func pdfOf(catalog string, more ...string) []byte {
	objects := append([]string{
		"<< /Type /Catalog /Pages 2 0 R " + catalog + " >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
		"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>",
	}, more...)
	var b bytes.Buffer
	b.WriteString("%PDF-1.5\n")
	xref := fmt.Sprintf("xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for i, o := range objects {
		xref += fmt.Sprintf("%010d 00000 n \n", b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	at := b.Len()
	fmt.Fprintf(&b, "%strailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", xref, len(objects)+1, at)
	return b.Bytes()
}

func deflated(text string) string {
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	_, _ = z.Write([]byte(text))
	_ = z.Close()
	return b.String()
}

// streamOf is a stream object of deflated text.
func streamOf(dict, text string) string {
	data := deflated(text)
	return fmt.Sprintf("<< %s /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream", dict, len(data), data)
}

func pngOf(w, h int) []byte {
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	for i := range img.Pix {
		img.Pix[i] = byte(i * 7)
	}
	var b bytes.Buffer
	_ = png.Encode(&b, img)
	return b.Bytes()
}

func jpegOf(w, h int) []byte {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for x := range w / 2 {
		for y := range h {
			img.Set(x, y, color.White) // the left half
		}
	}
	var b bytes.Buffer
	_ = jpeg.Encode(&b, img, nil)
	return b.Bytes()
}

// bombHead is a PNG that says it has 50,000 × 50,000 pixels.
func bombHead() []byte {
	raw := bytes.Clone(pngOf(2, 2))
	binary.BigEndian.PutUint32(raw[16:], 50_000)
	binary.BigEndian.PutUint32(raw[20:], 50_000)
	binary.BigEndian.PutUint32(raw[29:], crc32.ChecksumIEEE(raw[12:29]))
	return raw
}

// withExif puts an orientation, and a place, into a JPEG.
func withExif(raw []byte, how uint16) []byte {
	var tiff bytes.Buffer
	tiff.WriteString("Exif\x00\x00MM\x00\x2a\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01")
	_ = binary.Write(&tiff, binary.BigEndian, how)
	tiff.WriteString("\x00\x00\x00\x00\x00\x00GPS 48.85")
	out := append([]byte{0xff, 0xd8, 0xff, 0xe1, 0, byte(tiff.Len() + 2)}, tiff.Bytes()...)
	return append(out, raw[2:]...)
}

const packedScript = "4 0 << /S /JavaScript /JS (app.alert(1)) >>"

func TestHostileFilesAreRefusedAndWhyIsSaid(t *testing.T) {
	t.Parallel()
	whole := pdfOf("")
	for name, c := range map[string]struct {
		raw  []byte
		word string
	}{
		"empty":                       {nil, "empty"},
		"21 MB":                       {append([]byte("%PDF-1.4\n"), make([]byte, 21<<20)...), "size"},
		"an SVG with a script":        {[]byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`), "kind"},
		"a program called scan.pdf":   {append([]byte("MZ\x90\x00"), make([]byte, 512)...), "kind"},
		"a page, then a PDF":          {append([]byte("<html><script>alert(1)</script>"), whole...), "kind"},
		"a PDF, then an archive":      {append(bytes.Clone(whole), "PK\x03\x04run.exe"...), "damaged"},
		"a PDF that is a page only":   {[]byte("%PDF-1.4\n<html><script>alert(1)</script></html>"), "damaged"},
		"a PDF cut short":             {whole[:len(whole)-20], "damaged"},
		"an xref that is elsewhere":   {bytes.Replace(whole, []byte("startxref\n"), []byte("startxref\n9"), 1), "damaged"},
		"50,000 × 50,000 pixels":      {bombHead(), "pixels"},
		"a PNG cut short":             {pngOf(64, 64)[:len(pngOf(64, 64))/2], "damaged"},
		"a JPEG of three bytes":       {[]byte("\xff\xd8\xff"), "damaged"},
		"a GIF called scan.png":       {[]byte("GIF89a\x01\x00\x01\x00"), "kind"},
		"encrypted":                   {bytes.Replace(whole, []byte("/Root"), []byte("/Encrypt 9 0 R /Root"), 1), "pdf-encrypted"},
		"a script":                    {pdfOf("/Names << /JavaScript 4 0 R >>", "<< >>"), "pdf-script"},
		"a script by another name":    {pdfOf("", "<< /S /J#61v#61Script /JS (x) >>"), "pdf-script"},
		"a script in a stream":        {pdfOf("", "<< >>", streamOf("/Type /ObjStm /N 1 /First 4", packedScript)), "pdf-script"},
		"a stream that says nothing":  {pdfOf("", "<< >>", streamOf("/Typ#65 /X", packedScript)), "pdf-script"},
		"a stream behind two filters": {pdfOf("", "<< /Type /ObjStm /N 1 /First 4 /Filter [/ASCIIHexDecode /FlateDecode] /Length 4 >>\nstream\n78 9\nendstream"), "pdf-opaque"},
		"a decoy beside it": {pdfOf("", streamOf("", "4 0 <<>>"),
			"<< /Type /ObjStm /N 1 /First 4 /Filter [/A#53CIIHexDecode /FlateDecode] /Length 4 >>\nstream\n78 9\nendstream"), "pdf-opaque"},
		"a stream that is damaged":  {pdfOf("", "<< /Type /ObjStm /N 1 /First 4 /Filter /FlateDecode /Length 4 >>\nstream\nxxxx\nendstream"), "pdf-opaque"},
		"a program":                 {pdfOf("/OpenAction << /S /Launch /F (cmd.exe) >>"), "pdf-launch"},
		"a file":                    {pdfOf("", "<< /Type /EmbeddedFile >>"), "pdf-attachment"},
		"a film":                    {pdfOf("", "<< /Subtype /RichMedia >>"), "pdf-media"},
		"a form that sends":         {pdfOf("", "<< /S /SubmitForm /F (https://example.org) >>"), "pdf-form"},
		"an address, when opened":   {pdfOf("/OpenAction << /S /URI /URI (https://example.org/seen) >>"), "pdf-open"},
		"an address, by reference":  {pdfOf("/OpenAction 4 0 R", "<< /S /URI /URI (https://example.org/seen) >>"), "pdf-open"},
		"an action that is nowhere": {pdfOf("/OpenAction 44 0 R"), "pdf-open"},
		"a page, then an address":   {pdfOf("/OpenAction 4 0 R", "<< /S /GoTo /D [3 0 R /Fit] /Next 5 0 R >>"), "pdf-open"},
		"one object, twice":         {pdfOf("/OpenAction 4 0 R", "[3 0 R /Fit]", "<< >>\n4 0 obj\n<< /S /URI /URI (x) >>"), "pdf-open"},
		"an action by another name": {pdfOf("/Open#41ction [3 0 R /Fit]"), "pdf-open"},
		"a stream that never ends":  {pdfOf("", streamOf("/Type /ObjStm", "4 0 << >>"+strings.Repeat(" ", maxStream+4096))), "pdf-bomb"},
		"streams that never end":    {pdfOf("", manyStreams(5)...), "pdf-bomb"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := Inspect(c.raw)
			var why *reason
			if !errors.As(err, &why) {
				t.Fatalf("taken as %q: %v", got.Kind, err)
			}
			if why.word != c.word || !fault.Is(err, fault.Invalid) || len(fault.Fields(err)) != 1 || why.err.Code == "" {
				t.Errorf("refused as %q, want %q: %v", why.word, c.word, err)
			}
		})
	}
}

func manyStreams(n int) []string {
	var all []string
	for range n {
		all = append(all, streamOf("/Type /ObjStm", "4 0 << >>"+strings.Repeat(" ", maxStream-4096)))
	}
	return all
}

func TestHarmlessPDFsAreTakenAsTheyAre(t *testing.T) {
	t.Parallel()
	for name, raw := range map[string][]byte{
		"one page":                pdfOf(""),
		"opens on a page":         pdfOf("/OpenAction [3 0 R /Fit]"),
		"opens by reference":      pdfOf("/OpenAction 4 0 R", "<< /S /GoTo /D [3 0 R /Fit] >>"),
		"opens from a stream":     pdfOf("/OpenAction 14 0 R", streamOf("/Type /ObjStm /N 2 /First 11", "13 0 14 6 << >> << /S /GoTo /D [3 0 R /Fit] >>")),
		"an object stream":        pdfOf("", streamOf("/Type /ObjStm /N 1 /First 4", "9 0 << /Type /Font >>")),
		"page content":            pdfOf("", streamOf("", "BT /F1 12 Tf (Bilan) Tj ET")),
		"a link":                  pdfOf("", "<< /Subtype /Link /A << /S /URI /URI (https://example.org) >> >>"),
		"a name inside a word":    pdfOf("", "<< /JavaScripted /Launches >>"),
		"zeros after the end":     append(pdfOf(""), 0, 0, '\r', '\n'),
		"a picture that inflates": pdfOf("", streamOf("/Subtype /Image", strings.Repeat("\xff", 40<<20))),
	} {
		got, err := Inspect(raw)
		if err != nil || got.Kind != PDF || !bytes.Equal(got.Bytes, raw) {
			t.Errorf("%s: %q, %v", name, got.Kind, err)
		}
	}
}

func TestPicturesAreWrittenAnew(t *testing.T) {
	t.Parallel()
	hidden := append(withExif(jpegOf(40, 20), 6), "<script>alert(1)</script>PK\x03\x04"...)
	got, err := Inspect(hidden)
	if err != nil || got.Kind != JPEG {
		t.Fatalf("%q, %v", got.Kind, err)
	}
	for _, left := range []string{"GPS", "Exif", "script", "PK"} {
		if bytes.Contains(got.Bytes, []byte(left)) {
			t.Errorf("%q is kept", left)
		}
	}
	img, err := jpeg.Decode(bytes.NewReader(got.Bytes))
	if err != nil {
		t.Fatal(err)
	}
	if b := img.Bounds(); b.Dx() != 20 || b.Dy() != 40 {
		t.Fatalf("not upright: %v", b)
	}
	if top, bottom := light(img, 10, 4), light(img, 10, 36); !top || bottom {
		t.Errorf("turned the wrong way: top light %v, bottom light %v", top, bottom)
	}
	raw := append(pngOf(30, 10), "<html>"...)
	got, err = Inspect(raw)
	if err != nil || got.Kind != PNG || bytes.Contains(got.Bytes, []byte("<html>")) {
		t.Fatalf("%q, %v", got.Kind, err)
	}
	old, _ := png.Decode(bytes.NewReader(raw))
	anew, err := png.Decode(bytes.NewReader(got.Bytes))
	if err != nil || anew.Bounds() != old.Bounds() || anew.At(7, 7) != old.At(7, 7) {
		t.Errorf("other pixels: %v", err)
	}
}

func light(img image.Image, x, y int) bool {
	r, _, _, _ := img.At(x, y).RGBA()
	return r > 0x8000
}

// Each orientation brings the corner that the camera saw on top left there.
func TestEachOrientation(t *testing.T) {
	t.Parallel()
	const right, bottom = 3, 1
	for how, want := range map[int][2]int{2: {right, 0}, 3: {right, bottom}, 4: {0, bottom}, 5: {0, 0}, 6: {0, bottom}, 7: {right, bottom}, 8: {right, 0}} {
		if x, y := turned(how, want[0], want[1], right, bottom); x != 0 || y != 0 {
			t.Errorf("orientation %d: %v goes to %d, %d", how, want, x, y)
		}
		seen := map[[2]int]bool{}
		for x := range right + 1 {
			for y := range bottom + 1 {
				tx, ty := turned(how, x, y, right, bottom)
				seen[[2]int{tx, ty}] = true
			}
		}
		if len(seen) != (right+1)*(bottom+1) {
			t.Errorf("orientation %d leaves %d pixels", how, len(seen))
		}
	}
}

func TestTitles(t *testing.T) {
	t.Parallel()
	for file, want := range map[string]string{
		`C:\Users\x\Bilan_du 12.PDF`: "Bilan du 12", "a/b/c.jpeg": "c", "": "", "/": "", "\x00x\u202e\n y.png": "x y",
		"note.txt": "note.txt", strings.Repeat("é", 300): strings.Repeat("é", MaxTitle-1) + "…",
	} {
		if got := TitleOf(file); got != want {
			t.Errorf("%q: %q, want %q", file, got, want)
		}
	}
	if got := CleanTitle("Bilan 12/11"); got != "Bilan 12/11" {
		t.Errorf("a typed title: %q", got)
	}
}

func FuzzInspect(f *testing.F) {
	f.Add(pdfOf("/OpenAction 4 0 R", streamOf("/Type /ObjStm", packedScript)))
	f.Add(withExif(jpegOf(4, 4), 6))
	f.Add(bombHead())
	f.Fuzz(func(t *testing.T, raw []byte) {
		got, err := Inspect(raw)
		if err == nil && (len(got.Bytes) == 0 || got.Kind == "") {
			t.Error("taken as nothing")
		}
		if err != nil && !fault.Is(err, fault.Invalid) {
			t.Errorf("refused without a reason: %v", err)
		}
	})
}

// A PDF that repeats what it does on opening is judged in a time that follows its
// size, not the square of it: one document is taken apart at a time.
func TestManyOpenActionsCostLittle(t *testing.T) {
	t.Parallel()
	for name, one := range map[string]string{"by reference": "/OpenAction 5 0 R ", "in place": "/OpenAction<</S/GoTo "} {
		raw := pdfOf("/OpenAction 5 0 R", strings.Repeat(one, 40_000), "<< /S /GoTo /D [3 0 R /Fit] >>")
		done := make(chan error, 1)
		go func() {
			_, err := Inspect(raw)
			done <- err
		}()
		select {
		case err := <-done:
			if !fault.Is(err, fault.Invalid) {
				t.Errorf("%s: %v, want a refusal", name, err)
			}
		case <-time.After(20 * time.Second):
			t.Fatalf("%s: %d bytes are still looked at after 20 s", name, len(raw))
		}
	}
}

// So is one of countless little streams.
func TestManyStreamsCostLittle(t *testing.T) {
	t.Parallel()
	one := "stream\n" + deflated("x") + "\nendstream "
	raw := pdfOf("", strings.Repeat(one, 400_000))
	begun := time.Now()
	_, err := Inspect(raw)
	if took := time.Since(begun); !fault.Is(err, fault.Invalid) || took > 10*time.Second {
		t.Errorf("%d bytes: %v after %s, want a refusal within 10 s", len(raw), err, took)
	}
}
