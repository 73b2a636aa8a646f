package demo

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"strings"

	"github.com/rcp-care/rcp/internal/auth"
)

// papers adds a letter and a curve to the first case of the first team's
// meeting of this week, as its secretary would.
func (f *filler) papers(ctx context.Context) error {
	m := f.result.Coming[0]
	secretary, err := f.leader(ctx, f.teams[f.c.Teams[0].Key], auth.Secretary)
	if err != nil {
		return err
	}
	list, err := f.Agenda.Get(ctx, secretary, m.ID)
	if err != nil {
		return err
	}
	if len(list.Items) == 0 {
		return fmt.Errorf("nothing on the agenda of %s", m.TeamName)
	}
	curve, err := weightCurve()
	if err != nil {
		return err
	}
	for _, doc := range []struct {
		title string
		bytes []byte
	}{{"Lettre de sortie des urgences", letter()}, {"Courbe de poids, six mois", curve}} {
		if _, err := f.Papers.Add(ctx, secretary, list.Items[0].ID, doc.title, bytes.NewReader(doc.bytes)); err != nil {
			return err
		}
	}
	return nil
}

// letter is a PDF of one page (ISO 32000-1, section 7.5), in Windows-1252.
func letter() []byte {
	lines := []string{
		"Service des urgences", "", "Lettre de sortie", "",
		"Passage aux urgences apr\\350s une chute dans la rue.", "Pas de fracture. Perte de deux kilos en un mois.",
		"Traitement inchang\\351, compl\\351ment alimentaire le matin.", "", "\\300 revoir en r\\351union : sorties, repas, aide du soir.", "",
		"Document fictif, fait pour la d\\351monstration.",
	}
	var text strings.Builder
	text.WriteString("BT /F1 12 Tf 72 760 Td 18 TL\n")
	for _, l := range lines {
		fmt.Fprintf(&text, "(%s) Tj T*\n", l)
	}
	text.WriteString("ET\n")
	objects := []string{
		"<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
		"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
		fmt.Sprintf("<< /Length %d >>\nstream\n%sendstream", text.Len(), text.String()),
		"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
	}
	var b bytes.Buffer
	b.WriteString("%PDF-1.4\n")
	xref := fmt.Sprintf("xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for i, o := range objects {
		xref += fmt.Sprintf("%010d 00000 n \n", b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	at := b.Len()
	fmt.Fprintf(&b, "%strailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", xref, len(objects)+1, at)
	return b.Bytes()
}

// weightCurve is a picture of a weight that goes down: axes, and a line.
func weightCurve() ([]byte, error) {
	img := image.NewRGBA(image.Rect(0, 0, 640, 360))
	fill := func(r image.Rectangle, c color.Color) {
		draw.Draw(img, r, image.NewUniform(c), image.Point{}, draw.Src)
	}
	fill(img.Bounds(), color.White)
	for y := 60; y <= 300; y += 60 {
		fill(image.Rect(60, y, 600, y+1), color.Gray{Y: 0xdd})
	}
	fill(image.Rect(60, 40, 62, 302), color.Gray{Y: 0x55})
	fill(image.Rect(60, 300, 600, 302), color.Gray{Y: 0x55})
	ink := color.RGBA{R: 0x1f, G: 0x5f, B: 0x8b, A: 0xff}
	weights := []int{90, 100, 105, 130, 175, 215, 235} // pixels from the top, a month each
	for i := range len(weights) - 1 {
		for x := range 90 {
			y := weights[i] + (weights[i+1]-weights[i])*x/90
			fill(image.Rect(60+90*i+x-1, y-1, 60+90*i+x+2, y+2), ink)
		}
	}
	for i, y := range weights {
		fill(image.Rect(60+90*i-5, y-5, 60+90*i+6, y+6), ink)
	}
	var b bytes.Buffer
	err := png.Encode(&b, img)
	return b.Bytes(), err
}
