package papers

import (
	"bytes"
	"image"
	"image/jpeg"
	"image/png"

	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/lang"
)

// Checked is a document as it may be kept.
type Checked struct {
	Kind  Kind
	Bytes []byte
}

// reason is a refusal: a fixed word for the record, and the sentence for the
// person on the field "file".
type reason struct {
	word string
	err  *fault.Error
}

func (r *reason) Error() string { return r.err.Error() }
func (r *reason) Unwrap() error { return r.err }

func refusal(word, code string, args ...any) error {
	return &reason{word: word, err: &fault.Error{
		Kind: fault.Invalid, Op: "papers.Inspect", Code: code, Args: args, Fields: []fault.Field{{Name: "file", Code: code, Args: args}},
	}}
}

// Inspect decides by its content whether a document may be kept, and as what: a
// picture written anew, a PDF as it came. What is refused is fault.Invalid.
func Inspect(raw []byte) (Checked, error) {
	switch {
	case len(raw) == 0:
		return Checked{}, refusal("empty", lang.Mark("Ce fichier est vide."))
	case len(raw) > MaxSize:
		return Checked{}, refusal("size", lang.Mark("Ce fichier dépasse %d Mio. Réduisez-le, ou partagez-le en plusieurs."), MaxSize>>20)
	case bytes.HasPrefix(raw, []byte("\x89PNG\r\n\x1a\n")):
		return picture(raw, PNG)
	case bytes.HasPrefix(raw, []byte("\xff\xd8\xff")):
		return picture(raw, JPEG)
	case bytes.HasPrefix(raw, []byte("%PDF-")):
		if err := checkPDF(raw); err != nil {
			return Checked{}, err
		}
		return Checked{Kind: PDF, Bytes: raw}, nil
	}
	return Checked{}, refusal("kind", lang.Mark("Ce n’est ni un PDF, ni une image PNG ou JPEG, quel que soit son nom. Enregistrez-le en PDF."))
}

// picture decodes a picture within limits and writes it anew.
func picture(raw []byte, kind Kind) (Checked, error) {
	readHead, read := png.DecodeConfig, png.Decode
	if kind == JPEG {
		readHead, read = jpeg.DecodeConfig, jpeg.Decode
	}
	head, err := readHead(bytes.NewReader(raw))
	if err != nil {
		return Checked{}, damagedPicture()
	}
	if head.Width > MaxSide || head.Height > MaxSide || head.Width*head.Height > MaxPixels {
		return Checked{}, refusal("pixels", lang.Mark("Cette image est trop grande : %d × %d pixels, pour %d millions au plus. Réduisez-la."),
			head.Width, head.Height, MaxPixels/1_000_000)
	}
	img, err := read(bytes.NewReader(raw))
	if err != nil {
		return Checked{}, damagedPicture()
	}
	var out bytes.Buffer
	if kind == JPEG {
		err = jpeg.Encode(&out, upright(img, orientation(raw)), &jpeg.Options{Quality: 90})
	} else {
		err = (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&out, img)
	}
	return Checked{Kind: kind, Bytes: out.Bytes()}, fault.Wrap("papers.picture", err)
}

func damagedPicture() error {
	return refusal("damaged", lang.Mark("Cette image est incomplète ou abîmée. Ouvrez-la, enregistrez-la de nouveau, puis recommencez."))
}

// upright turns a picture as its camera was held (EXIF 2.32, tag 0x0112: 1 to
// 8), since what said so is not kept.
func upright(img image.Image, how int) image.Image {
	if how < 2 || how > 8 {
		return img
	}
	b := img.Bounds()
	w, h := b.Dx(), b.Dy()
	if how >= 5 {
		w, h = h, w
	}
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range b.Dy() {
		for x := range b.Dx() {
			tx, ty := turned(how, x, y, b.Dx()-1, b.Dy()-1)
			out.Set(tx, ty, img.At(b.Min.X+x, b.Min.Y+y))
		}
	}
	return out
}

// turned is where the pixel x, y goes; right and bottom are the last ones.
func turned(how, x, y, right, bottom int) (tx, ty int) {
	switch how {
	case 2:
		return right - x, y
	case 3:
		return right - x, bottom - y
	case 4:
		return x, bottom - y
	case 5:
		return y, x
	case 6:
		return bottom - y, x
	case 7:
		return bottom - y, right - x
	default:
		return y, right - x
	}
}
