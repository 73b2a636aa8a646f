package pdf_test

import (
	"bytes"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/rcp-care/rcp/minutes/pdf"
)

// preflight are the jars of Debian's PDFBox 2 and what it loads.
var preflight = []string{"preflight", "pdfbox2", "fontbox2", "xmpbox", "commons-logging", "jaxb-api", "javax.activation"}

// subset is the tag of a face of which a file holds some glyphs.
var subset = regexp.MustCompile(`/([A-Z]{6})\+`)

// as1b is the document in PDF/A-1b, the only one that PDFBox judges: the same
// objects at the same places, without what part 1 forbids (attached files) or
// asks in another way (the list of a face's glyphs).
func as1b(b []byte) []byte {
	for _, r := range [][2]string{
		{"%PDF-1.7", "%PDF-1.4"},
		{"<pdfaid:part>3<", "<pdfaid:part>1<"},
		{"<pdfaid:conformance>A<", "<pdfaid:conformance>B<"},
		{"/EmbeddedFiles", "/EmbeddedFilez"},
		{"/EF ", "/XX "},
		{"/EF<<", "/XX<<"},
	} {
		b = bytes.ReplaceAll(b, []byte(r[0]), []byte(r[1]))
	}
	return subset.ReplaceAll(b, []byte("/${1}_"))
}

// judged is what PDFBox says of a file.
func judged(t *testing.T, b []byte) string {
	t.Helper()
	if _, err := exec.LookPath("java"); err != nil {
		t.Fatal("PDFBox is needed to test documents: apt-get install libpdfbox2-java libjaxb-api-java default-jre-headless")
	}
	path := "/usr/share/java/" + strings.Join(preflight, ".jar:/usr/share/java/") + ".jar"
	out, err := exec.CommandContext(t.Context(), "java", "-Xmx512m", "-cp", path,
		"org.apache.pdfbox.preflight.Validator_A1b", file(t, b)).CombinedOutput()
	if err != nil && len(out) == 0 {
		t.Fatal(err)
	}
	return string(out)
}

// TestPreflight: another's judge finds nothing to say of the documents, and
// says so of one that has lost its colours' profile.
func TestPreflight(t *testing.T) {
	t.Parallel()
	for name, b := range map[string][]byte{
		"register": render(t, withLogo(logo(600, 60)), pdf.Options{}).PDF,
		"draft":    render(t, unsigned(geriatrics()), pdf.Options{Part: pdf.Register}).PDF,
		"extract":  render(t, geriatrics(), pdf.Options{Part: pdf.Extract, Patient: "p-1", Hash: hash64("c")}).PDF,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if said := judged(t, as1b(b)); !strings.Contains(said, "is a valid PDF/A-1b file") {
				t.Errorf("PDFBox says:\n%s", said)
			}
			broken := bytes.ReplaceAll(as1b(b), []byte("/OutputIntents"), []byte("/OutputIntentz"))
			if said := judged(t, broken); strings.Contains(said, "is a valid") {
				t.Error("PDFBox misses the colours' profile: it judges nothing")
			}
		})
	}
}
