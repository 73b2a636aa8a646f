package demo

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/png"
	"math"
)

// letterhead gives the first team its lines and a logo, which last week's
// minutes carry.
func (f *filler) letterhead(ctx context.Context) error {
	team := f.teams[f.c.Teams[0].Key]
	lines := []string{"Filière gériatrique"}
	for _, line := range f.c.Organisation.Letterhead {
		if line != f.c.Organisation.Name { // printed above
			lines = append(lines, line)
		}
	}
	if err := f.Meetings.SaveLetterhead(ctx, f.system, team.ID, 0, lines); err != nil {
		return err
	}
	logo, err := rivers()
	if err != nil {
		return err
	}
	return f.Meetings.SetLogo(ctx, f.system, team.ID, 1, bytes.NewReader(logo))
}

// rivers is a disc with four waves across it.
func rivers() ([]byte, error) {
	const size = 200
	img := image.NewNRGBA(image.Rect(0, 0, size, size))
	blue, deep := color.NRGBA{R: 0x2f, G: 0x8f, B: 0xb5, A: 0xff}, color.NRGBA{R: 0x0c, G: 0x5a, B: 0x79, A: 0xff}
	for y := range size {
		for x := range size {
			dx, dy := float64(x)-size/2+0.5, float64(y)-size/2+0.5
			if math.Hypot(dx, dy) > size/2-2 {
				continue // clear
			}
			c := deep
			if wave := math.Mod(float64(y)+8*math.Sin(float64(x)/16)+400, 44); wave < 18 {
				c = blue
			}
			img.SetNRGBA(x, y, c)
		}
	}
	var b bytes.Buffer
	err := png.Encode(&b, img)
	return b.Bytes(), err
}
