package web

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/lang"
	"github.com/rcp-care/rcp/meetings"
)

// letterheadView is what stands at the head of a team's minutes.
type letterheadView struct {
	Base
	Form
	Team meetings.Team
	Head meetings.Letterhead
	Org  string
	May  bool     // change it
	Text string   // the lines, as typed
	Show []string // the lines that are printed
}

func (s *Server) letterheadPage(r *request) error { return s.showLetterhead(r, http.StatusOK, Form{}) }

func (s *Server) showLetterhead(r *request, status int, f Form) error {
	tid, err := pathID[id.Team](r, "id")
	if err != nil {
		return err
	}
	v := &letterheadView{Form: f, May: r.actor.Admin || r.actor.In(tid, auth.Secretary)}
	if v.Team, err = s.cfg.Meetings.Team(r.ctx(), r.actor, tid); err != nil {
		return err
	}
	if v.Head, err = s.cfg.Meetings.Letterhead(r.ctx(), r.actor, tid); err != nil {
		return err
	}
	org, err := s.cfg.Meetings.Org(r.ctx(), r.actor)
	if err != nil {
		return err
	}
	v.Org, v.Show, v.Text = org.Name, v.Head.Lines, strings.Join(v.Head.Lines, "\n")
	if len(v.Show) == 0 {
		v.Show = org.Letterhead
	}
	if len(v.Show) > 0 && v.Show[0] == org.Name {
		v.Show = v.Show[1:] // said above, as in the PDF
	}
	if f.Has("lines") {
		v.Text = f.Get("lines")
	}
	if v.Base, err = s.base(r, place{menu: "/teams", team: tid}, "En-tête du compte rendu"); err != nil {
		return err
	}
	v.Toast = letterheadToast(r, v.Head)
	return s.render(r, status, "letterhead", v)
}

// letterheadToast says what was just done; a logo that was there before comes
// back from it.
func letterheadToast(r *request, l meetings.Letterhead) *Toast {
	text := map[string]string{
		"lines": lang.Mark("Lignes enregistrées. Les prochains comptes rendus les porteront."),
		"logo":  lang.Mark("Logo enregistré. Les prochains comptes rendus le porteront."),
		"use":   lang.Mark("Logo changé."),
	}[r.Query("did")]
	if text == "" {
		return nil
	}
	t := &Toast{Text: r.T(text)}
	if was, ok := r.GetQuery("was"); ok && was != l.Logo.SHA256 {
		t.Undo = "/teams/" + string(l.Team) + "/letterhead/use"
		t.Fields = map[string]string{"logo": was, "version": strconv.Itoa(l.Version)}
	}
	return t
}

func (s *Server) saveLetterhead(r *request) error {
	tid, err := pathID[id.Team](r, "id")
	if err != nil {
		return err
	}
	err = s.cfg.Meetings.SaveLetterhead(r.ctx(), r.actor, tid, r.number("version"), strings.Split(r.text("lines"), "\n"))
	if f, ok := refused(r, err); ok {
		return s.showLetterhead(r, http.StatusUnprocessableEntity, f)
	}
	if err != nil {
		return err
	}
	return r.see("/teams/" + string(tid) + "/letterhead?did=lines")
}

// setLogo takes one file; the fields before it say which letterhead was seen.
func (s *Server) setLogo(r *request) error {
	tid, err := pathID[id.Team](r, "id")
	if err != nil {
		return err
	}
	before, err := s.cfg.Meetings.Letterhead(r.ctx(), r.actor, tid)
	if err != nil {
		return err
	}
	r.Request.Body = http.MaxBytesReader(r.Writer, r.Request.Body, meetings.MaxLogoUpload+64<<10)
	err = readLogo(r.Request, func(version int, file io.Reader) error {
		return s.cfg.Meetings.SetLogo(r.ctx(), r.actor, tid, version, file)
	})
	if fault.Is(err, fault.Invalid) {
		f := Form{Fault: faultText(r.lang, err), Errors: map[string]string{}}
		for _, field := range fault.Fields(err) {
			f.Errors[field.Name] = lang.T(r.lang, field.Code, field.Args...)
		}
		return s.showLetterhead(r, http.StatusUnprocessableEntity, f)
	}
	if err != nil {
		return err
	}
	return r.see("/teams/" + string(tid) + "/letterhead?did=logo&was=" + before.Logo.SHA256)
}

// readLogo finds the file of the form, after its version.
func readLogo(req *http.Request, take func(version int, file io.Reader) error) error {
	parts, err := req.MultipartReader()
	if err != nil {
		return noLogo()
	}
	version := 0
	for {
		part, err := parts.NextPart()
		switch {
		case errors.Is(err, io.EOF):
			return noLogo()
		case err != nil:
			return tooLarge(err)
		case part.FormName() == "version":
			raw, err := io.ReadAll(io.LimitReader(part, 20))
			if err != nil {
				return tooLarge(err)
			}
			version = number(string(raw))
		case part.FormName() == "logo" && part.FileName() != "":
			file := &body{r: part}
			if err := take(version, file); file.err == nil {
				return err
			}
			return tooLarge(file.err)
		}
	}
}

func noLogo() error { return logoFault(lang.Mark("Choisissez une image PNG ou JPEG.")) }

func tooLarge(err error) error {
	var limit *http.MaxBytesError
	if errors.As(err, &limit) {
		return logoFault(lang.Mark("Ce fichier dépasse %d Mio."), meetings.MaxLogoUpload>>20)
	}
	return logoFault(lang.Mark("L’envoi s’est interrompu. Recommencez."))
}

func logoFault(code string, args ...any) error {
	var c fault.Check
	c.That(false, "logo", code, args...)
	return c.Err("web.readLogo")
}

// useLogo takes the logo away, or puts one of before back.
func (s *Server) useLogo(r *request) error {
	tid, err := pathID[id.Team](r, "id")
	if err != nil {
		return err
	}
	before, err := s.cfg.Meetings.Letterhead(r.ctx(), r.actor, tid)
	if err != nil {
		return err
	}
	if err := s.cfg.Meetings.UseLogo(r.ctx(), r.actor, tid, r.number("version"), r.text("logo")); err != nil {
		return err
	}
	return r.see("/teams/" + string(tid) + "/letterhead?did=use&was=" + url.QueryEscape(before.Logo.SHA256))
}

// logo sends the team's logo.
func (s *Server) logo(r *request) error {
	tid, err := pathID[id.Team](r, "id")
	if err != nil {
		return err
	}
	b, err := s.cfg.Meetings.Logo(r.ctx(), r.actor, tid)
	if err != nil {
		return err
	}
	r.Header("Content-Security-Policy", paperPolicy)
	r.Data(http.StatusOK, "image/png", b)
	return nil
}
