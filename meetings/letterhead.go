package meetings

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"image"
	"image/color"
	"image/draw"
	_ "image/jpeg" // what a logo may come as
	"image/png"
	"io"
	"strings"

	scale "golang.org/x/image/draw"

	"github.com/rcp-care/rcp/internal/audit"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/lang"
)

// Limits of a letterhead.
const (
	MaxLogoUpload = 4 << 20    // bytes, as it comes
	maxLogoPixels = 10_000_000 // as it comes
	maxLogoWidth  = 600        // pixels, as it is kept
	maxLogoHeight = 200
	maxLines      = 6   // of the letterhead
	maxLine       = 120 // characters
)

// Logo is a team's logo: an opaque PNG, kept under its hash for as long as
// minutes may name it, so for ever.
type Logo struct {
	SHA256        string // empty: none
	Width, Height int    // pixels
}

// Letterhead is what a team's minutes carry at their head.
type Letterhead struct {
	Org     id.Org
	Team    id.Team
	Lines   []string // empty: the organisation's
	Logo    Logo
	Version int // 0: never set
}

// LetterheadStore keeps letterheads.
type LetterheadStore interface {
	// Letterhead is zero, but for its ids, when the team never set one.
	Letterhead(ctx context.Context, org id.Org, t id.Team) (Letterhead, error)
	// SaveLetterhead inserts (Version 0) or changes; png, when there is one, is
	// that of the logo, and is kept beside those before.
	SaveLetterhead(ctx context.Context, l Letterhead, png []byte, by audit.Change) error
	// Logo reads a picture, fault.NotFound when the organisation has it not.
	Logo(ctx context.Context, org id.Org, sha string) (Logo, []byte, error)
}

// Letterhead reads what stands at the head of a team's minutes.
func (s *Service) Letterhead(ctx context.Context, a auth.Actor, t id.Team) (Letterhead, error) {
	if _, err := s.Team(ctx, a, t); err != nil {
		return Letterhead{}, fault.Wrap("meetings.Letterhead", err)
	}
	l, err := s.store.Letterhead(ctx, a.Org, t)
	return l, fault.Wrap("meetings.Letterhead", err)
}

// Logo reads the team's logo as PNG.
func (s *Service) Logo(ctx context.Context, a auth.Actor, t id.Team) ([]byte, error) {
	const op = "meetings.Logo"
	l, err := s.Letterhead(ctx, a, t)
	if err != nil {
		return nil, fault.Wrap(op, err)
	}
	_, b, err := s.store.Logo(ctx, a.Org, l.Logo.SHA256)
	return b, fault.Wrap(op, err)
}

// SaveLetterhead changes the lines. An administrator may, and the secretary.
func (s *Service) SaveLetterhead(ctx context.Context, a auth.Actor, t id.Team, version int, lines []string) error {
	const op = "meetings.SaveLetterhead"
	kept, err := cleanLines(lines)
	if err != nil {
		return err
	}
	return fault.Wrap(op, s.changeLetterhead(ctx, a, t, version, "lines", func(l *Letterhead) ([]byte, error) {
		l.Lines = kept
		return nil, nil
	}))
}

func cleanLines(lines []string) ([]string, error) {
	var kept []string
	var c fault.Check
	for _, line := range lines {
		if line = strings.Join(strings.Fields(line), " "); line == "" {
			continue
		}
		kept = append(kept, line)
		c.That(len([]rune(line)) <= maxLine, "lines", "Une ligne a %d caractères au plus.", maxLine)
	}
	c.That(len(kept) <= maxLines, "lines", "L’en-tête a %d lignes au plus.", maxLines)
	return kept, c.Err("meetings.cleanLines")
}

// SetLogo gives the team a logo, a PNG or JPEG file: it is decoded, made opaque
// on white, made smaller when it is too large, and written anew.
func (s *Service) SetLogo(ctx context.Context, a auth.Actor, t id.Team, version int, r io.Reader) error {
	const op = "meetings.SetLogo"
	if err := s.mayLetterhead(ctx, a, t); err != nil {
		return fault.Wrap(op, err)
	}
	raw, err := io.ReadAll(io.LimitReader(r, MaxLogoUpload+1))
	if err != nil {
		return fault.Wrap(op, err)
	}
	logo, b, err := readLogo(raw)
	if err != nil {
		return fault.Wrap(op, err)
	}
	return fault.Wrap(op, s.changeLetterhead(ctx, a, t, version, "logo sha256="+logo.SHA256, func(l *Letterhead) ([]byte, error) {
		l.Logo = logo
		return b, nil
	}))
}

// UseLogo goes back to a logo that the organisation has, or to none when sha is
// empty.
func (s *Service) UseLogo(ctx context.Context, a auth.Actor, t id.Team, version int, sha string) error {
	return fault.Wrap("meetings.UseLogo", s.changeLetterhead(ctx, a, t, version, "logo sha256="+sha, func(l *Letterhead) (_ []byte, err error) {
		if l.Logo = (Logo{}); sha != "" {
			l.Logo, _, err = s.store.Logo(ctx, a.Org, sha)
		}
		return nil, err
	}))
}

func (s *Service) mayLetterhead(ctx context.Context, a auth.Actor, t id.Team) error {
	if !a.Admin && !a.In(t, auth.Secretary) {
		return s.refuse(ctx, a, "team.letterhead", Meeting{Team: t})
	}
	_, err := s.store.TeamByID(ctx, a.Org, t) // of this organisation
	return err
}

// changeLetterhead saves what change makes of the letterhead; it returns the
// picture when there is a new one.
func (s *Service) changeLetterhead(ctx context.Context, a auth.Actor, t id.Team, version int, what string, change func(*Letterhead) ([]byte, error)) error {
	if err := s.mayLetterhead(ctx, a, t); err != nil {
		return err
	}
	l, err := s.store.Letterhead(ctx, a.Org, t)
	if err != nil {
		return err
	}
	b, err := change(&l)
	if err != nil {
		return err
	}
	l.Version = version
	by := a.Change(s.now(), "team.letterhead", "team", string(t))
	by.Entry.Team, by.Entry.Detail = t, what
	return s.store.SaveLetterhead(ctx, l, b, by)
}

func logoFault(code string, args ...any) error {
	var c fault.Check
	c.That(false, "logo", code, args...)
	return c.Err("meetings.readLogo")
}

// readLogo decodes a picture within limits and writes it as the minutes take it.
func readLogo(raw []byte) (Logo, []byte, error) {
	if len(raw) > MaxLogoUpload {
		return Logo{}, nil, logoFault(lang.Mark("Ce fichier dépasse %d Mio."), MaxLogoUpload>>20)
	}
	head, kind, err := image.DecodeConfig(bytes.NewReader(raw))
	if err != nil || kind != "png" && kind != "jpeg" {
		return Logo{}, nil, logoFault(lang.Mark("Choisissez une image PNG ou JPEG."))
	}
	if head.Width < 1 || head.Height < 1 || head.Width > maxLogoPixels || head.Width*head.Height > maxLogoPixels {
		return Logo{}, nil, logoFault(lang.Mark("Cette image est trop grande : %d × %d pixels."), head.Width, head.Height)
	}
	img, _, err := image.Decode(bytes.NewReader(raw))
	if err != nil {
		return Logo{}, nil, logoFault(lang.Mark("Cette image est abîmée. Enregistrez-la de nouveau, puis recommencez."))
	}
	var out bytes.Buffer
	opaque := onWhite(img)
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&out, opaque); err != nil {
		return Logo{}, nil, err
	}
	sum := sha256.Sum256(out.Bytes())
	return Logo{SHA256: hex.EncodeToString(sum[:]), Width: opaque.Rect.Dx(), Height: opaque.Rect.Dy()}, out.Bytes(), nil
}

// onWhite draws a picture on white paper, no larger than a logo is.
func onWhite(img image.Image) *image.RGBA {
	w, h := img.Bounds().Dx(), img.Bounds().Dy()
	if f := max(float64(w)/maxLogoWidth, float64(h)/maxLogoHeight); f > 1 {
		w, h = max(int(float64(w)/f), 1), max(int(float64(h)/f), 1)
	}
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.Draw(out, out.Rect, image.NewUniform(color.White), image.Point{}, draw.Src)
	scale.CatmullRom.Scale(out, out.Rect, img, img.Bounds(), scale.Over, nil)
	for i := 3; i < len(out.Pix); i += 4 {
		out.Pix[i] = 0xff // rounding may have left it a little clear
	}
	return out
}
