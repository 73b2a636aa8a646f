package storetest

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rcp-care/rcp/internal/audit"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/store"
	"github.com/rcp-care/rcp/meetings"
	"github.com/rcp-care/rcp/minutes"
	"github.com/rcp-care/rcp/minutes/pdf/check"
)

// emblem is a PNG, half of it clear.
func emblem(w, h int) []byte {
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	for x := range w / 2 {
		for y := range h {
			img.Set(x, y, color.NRGBA{R: 0xff, A: 0xff})
		}
	}
	var b bytes.Buffer
	_ = png.Encode(&b, img)
	return b.Bytes()
}

func TestALogoIsWrittenAnewAndKept(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		h := NewHouse(t, s)
		if err := h.Meetings.SetLogo(ctx, h.Secretary, h.Team.ID, 0, bytes.NewReader(emblem(1200, 300))); err != nil {
			t.Fatal(err)
		}
		l, err := h.Meetings.Letterhead(ctx, h.Clinician, h.Team.ID)
		if err != nil || l.Version != 1 || l.Logo.Width != 600 || l.Logo.Height != 150 || len(l.Lines) > 0 {
			t.Fatalf("%+v, %v", l, err)
		}
		b, err := h.Meetings.Logo(ctx, h.Clinician, h.Team.ID)
		sum := sha256.Sum256(b)
		if err != nil || hex.EncodeToString(sum[:]) != l.Logo.SHA256 {
			t.Fatalf("%d bytes, %v", len(b), err)
		}
		img, err := png.Decode(bytes.NewReader(b))
		if err != nil || img.ColorModel() != color.RGBAModel {
			t.Fatalf("no opaque PNG: %v", err)
		}
		if r, g, _, _ := img.At(590, 75).RGBA(); r < 0xf000 || g < 0xf000 {
			t.Error("what was clear is not white")
		}
		if r, g, _, _ := img.At(10, 75).RGBA(); r < 0xf000 || g > 0x1000 {
			t.Error("what was red is not")
		}
		var photo bytes.Buffer
		_ = jpeg.Encode(&photo, image.NewGray(image.Rect(0, 0, 30, 400)), nil)
		if err := h.Meetings.SetLogo(ctx, h.Secretary, h.Team.ID, 0, bytes.NewReader(photo.Bytes())); !fault.Is(err, fault.Conflict) {
			t.Errorf("over what somebody set meanwhile: %v", err)
		}
		if err := h.Meetings.SetLogo(ctx, h.Secretary, h.Team.ID, 1, bytes.NewReader(photo.Bytes())); err != nil {
			t.Fatalf("a JPEG: %v", err)
		}
		if next, err := h.Meetings.Letterhead(ctx, h.Chair, h.Team.ID); err != nil || next.Logo.Width != 15 || next.Logo.Height != 200 {
			t.Errorf("tall: %+v, %v", next, err)
		}
		if err := h.Meetings.UseLogo(ctx, h.Secretary, h.Team.ID, 2, ""); err != nil {
			t.Fatalf("none: %v", err)
		}
		if _, err := h.Meetings.Logo(ctx, h.Secretary, h.Team.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("read though there is none: %v", err)
		}
		if err := h.Meetings.UseLogo(ctx, h.Secretary, h.Team.ID, 3, l.Logo.SHA256); err != nil {
			t.Fatalf("the first again: %v", err)
		}
		if again, err := h.Meetings.Letterhead(ctx, h.Chair, h.Team.ID); err != nil || again.Logo != l.Logo {
			t.Errorf("%+v, %v", again, err)
		}
		if err := h.Meetings.UseLogo(ctx, h.Secretary, h.Team.ID, 4, strings.Repeat("0", 64)); !fault.Is(err, fault.NotFound) {
			t.Errorf("one that is nowhere: %v", err)
		}
	})
}

func TestALetterheadIsTheSecretarysAndTheAdministrators(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		h := NewHouse(t, s)
		admin := h.Stranger
		admin.Admin = true
		for _, a := range []auth.Actor{h.Chair, h.Clinician, h.Stranger} {
			for name, err := range map[string]error{
				"lines": h.Meetings.SaveLetterhead(ctx, a, h.Team.ID, 0, []string{"x"}),
				"logo":  h.Meetings.SetLogo(ctx, a, h.Team.ID, 0, bytes.NewReader(emblem(4, 4))),
				"use":   h.Meetings.UseLogo(ctx, a, h.Team.ID, 0, ""),
			} {
				if !fault.Is(err, fault.Forbidden) {
					t.Errorf("%s by %s: %v", name, a.Name, err)
				}
			}
		}
		if _, err := h.Meetings.Letterhead(ctx, h.Stranger, h.Team.ID); !fault.Is(err, fault.Forbidden) {
			t.Errorf("read by a stranger: %v", err)
		}
		elsewhere := admin
		elsewhere.Org = anotherOrg(t, s)
		if err := h.Meetings.SaveLetterhead(ctx, elsewhere, h.Team.ID, 0, []string{"x"}); !fault.Is(err, fault.NotFound) {
			t.Errorf("from another organisation: %v", err)
		}
		if err := h.Meetings.SaveLetterhead(ctx, admin, h.Team.ID, 0, []string{"  Service  de gériatrie ", "", "Tél. 03"}); err != nil {
			t.Fatal(err)
		}
		l, err := h.Meetings.Letterhead(ctx, h.Secretary, h.Team.ID)
		if d := cmp.Diff([]string{"Service de gériatrie", "Tél. 03"}, l.Lines); err != nil || d != "" {
			t.Errorf("%v (-want +got)\n%s", err, d)
		}
		entries, err := s.AuditEntries(ctx, h.Org.ID, audit.Filter{Action: "team.letterhead", Actor: admin.Professional, Limit: 9})
		if err != nil || len(entries) != 4 || entries[0].Outcome != audit.Done || entries[0].Team != h.Team.ID {
			t.Errorf("on record: %d, %v", len(entries), err)
		}
		for name, lines := range map[string][]string{"seven": strings.Split("a b c d e f g", " "), "long": {strings.Repeat("é", 121)}} {
			if err := h.Meetings.SaveLetterhead(ctx, admin, h.Team.ID, 1, lines); !fault.Is(err, fault.Invalid) {
				t.Errorf("%s: %v", name, err)
			}
		}
		cut := emblem(100, 100)
		for name, raw := range map[string][]byte{
			"empty": nil, "svg": []byte("<svg/>"), "cut": cut[:len(cut)/2], "gif": []byte("GIF89a\x01\x00\x01\x00\x00\x00\x00"),
			"large": make([]byte, meetings.MaxLogoUpload+1),
		} {
			if err := h.Meetings.SetLogo(ctx, admin, h.Team.ID, 1, bytes.NewReader(raw)); !fault.Is(err, fault.Invalid) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

// What is signed keeps its logo and its lines, in a correction and in the part
// that a clinician is printed, whatever the team carries since.
func TestSignedMinutesKeepTheirLogo(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		r := newRoom(t, s, walker(), sick{ipp: "other", plan: due(date.New(2026, 11, 9))})
		if err := r.Meetings.SetLogo(ctx, r.Secretary, r.Team.ID, 0, bytes.NewReader(emblem(60, 20))); err != nil {
			t.Fatal(err)
		}
		if err := r.Meetings.SaveLetterhead(ctx, r.Secretary, r.Team.ID, 1, []string{"Service de gériatrie"}); err != nil {
			t.Fatal(err)
		}
		decided := r.decide(t, "walker", func(d *minutes.Decision) { d.Summary = "Canne." })
		r.decide(t, "other", func(d *minutes.Decision) { d.Summary = "Rien." })
		r.end(t)
		signed, err := r.minutes.Sign(ctx, r.Chair, r.state.ID, r.state.Version)
		if err != nil {
			t.Fatal(err)
		}
		was := signed.Content.Logo
		if was.Width != 60 || was.SHA256 == "" || signed.Content.Letterhead[0] != "Service de gériatrie" {
			t.Fatalf("signed: %+v, %q", was, signed.Content.Letterhead)
		}
		if err := r.Meetings.SetLogo(ctx, r.Secretary, r.Team.ID, 2, bytes.NewReader(emblem(20, 60))); err != nil {
			t.Fatal(err)
		}
		part, _, err := r.minutes.PDF(ctx, r.Clinician, r.state.ID, 0, minutes.Register, "")
		if err != nil || len(check.Document(part)) > 0 || !bytes.Contains(part, []byte("/Width 60\n")) {
			t.Errorf("a part: %v, %q", err, check.Document(part))
		}
		full, err := r.Meetings.Get(ctx, r.Chair, r.state.ID)
		if err != nil || full.Meeting.Status != meetings.Signed {
			t.Fatalf("%s, %v", full.Meeting.Status, err)
		}
		if decided, err = r.minutes.Decision(ctx, r.Chair, decided.Case); err != nil {
			t.Fatal(err)
		}
		decided.Summary = "Déambulateur."
		again, err := r.minutes.Amend(ctx, r.Chair, r.state.ID, "erreur", []minutes.Decision{decided})
		if err != nil || again.Content.Logo.SHA256 != was.SHA256 {
			t.Errorf("corrected: %+v, %v", again.Content.Logo, err)
		}
		whole, _, err := r.minutes.PDF(ctx, r.Chair, r.state.ID, 0, minutes.Register, "")
		if err != nil || len(check.Document(whole)) > 0 || !bytes.Contains(whole, []byte("/Width 60\n")) {
			t.Errorf("corrected: %v, %q", err, check.Document(whole))
		}
	})
}
