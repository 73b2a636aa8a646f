package pdf

import (
	_ "embed"
	"fmt"
	"math"
	"sync"

	"golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// The faces, as strings: the conversion to []byte copies them for each
// document, because gofpdf writes into the bytes it is given (a data race when
// they are shared, go-pdf/fpdf#37). Licences lie beside them in fonts/.
var (
	//go:embed fonts/SourceSans3-Regular.ttf
	sourceRegular string
	//go:embed fonts/SourceSans3-SemiBold.ttf
	sourceSemiBold string
	//go:embed fonts/SourceSans3-Italic.ttf
	sourceItalic string
	//go:embed fonts/DejaVuSans.ttf
	dejavu string
)

// face is one of the embedded fonts. fallback has the glyphs the others lack.
type face uint8

const (
	regular face = iota
	bold
	italic
	fallback
	faceCount
)

// family and style are gofpdf's name of a face.
func (f face) name() (family, style string) {
	return [faceCount]string{"SourceSans3", "SourceSans3", "SourceSans3", "DejaVuSans"}[f],
		[faceCount]string{"", "B", "I", ""}[f]
}

// ttf returns a fresh copy of the font's bytes.
func (f face) ttf() []byte {
	return []byte([faceCount]string{sourceRegular, sourceSemiBold, sourceItalic, dejavu}[f])
}

// maxRune is the last rune gofpdf can write (two-byte glyph codes).
const maxRune = 0xFFFD

// missing is the advance of a rune that a face has no glyph for.
const missing = math.MaxUint16

// measures holds the advance of every rune in every face, in thousandths of
// the size, as gofpdf writes them into the document.
type measures struct {
	advance [faceCount][maxRune + 1]uint16
	projet  *sfnt.Font // for outlines
}

// measured reads the embedded faces once for the process; the tables are only
// read afterwards.
var measured = sync.OnceValues(measure)

func measure() (*measures, error) {
	m := &measures{}
	for f := range faceCount {
		ft, err := sfnt.Parse(f.ttf())
		if err != nil {
			return nil, fmt.Errorf("pdf: embedded face %d: %w", f, err)
		}
		if err := m.read(f, ft); err != nil {
			return nil, fmt.Errorf("pdf: embedded face %d: %w", f, err)
		}
		if f == bold {
			m.projet = ft
		}
	}
	return m, nil
}

func (m *measures) read(f face, ft *sfnt.Font) error {
	var buf sfnt.Buffer
	em := int(ft.UnitsPerEm())
	m.advance[f][0] = missing
	for r := 1; r <= maxRune; r++ {
		m.advance[f][r] = missing
		if r >= 0xE000 && r <= 0xF8FF {
			continue // private use: a glyph, but no word (ISO 19005-3, 6.2.11.7.3)
		}
		g, err := ft.GlyphIndex(&buf, rune(r))
		if err != nil {
			return err
		}
		if g == 0 {
			continue
		}
		a, err := ft.GlyphAdvance(&buf, g, fixed.I(em), font.HintingNone)
		if err != nil {
			return err
		}
		m.advance[f][r] = uint16(math.Round(float64(a) / 64 * 1000 / float64(em)))
	}
	return nil
}

// has reports whether some face can draw r.
func (m *measures) has(r rune) bool {
	return r > 0 && r <= maxRune && (m.advance[regular][r] != missing || m.advance[fallback][r] != missing)
}

// pick returns the face that draws r when f is wanted, the rune drawn (□ when
// no face has r) and its advance in thousandths of the size.
func (m *measures) pick(f face, r rune) (face, rune, float64) {
	for _, g := range [...]face{f, fallback, regular} {
		if r <= maxRune && m.advance[g][r] != missing {
			return g, r, float64(m.advance[g][r])
		}
	}
	return m.pick(f, replacement)
}
