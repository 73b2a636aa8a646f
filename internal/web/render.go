package web

import (
	"bytes"
	"fmt"
	"html/template"
	"io/fs"
	"path"
	"strings"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/lang"
	"github.com/rcp-care/rcp/templates"
)

// pages are the parsed templates by language and name.
type pages map[string]map[string]*template.Template

func loadPages(a *assets) (pages, error) {
	all := pages{}
	for _, l := range []string{lang.French, lang.English} {
		set, err := parsePages(l, a)
		if err != nil {
			return nil, fault.Wrap("web.loadPages", err)
		}
		all[l] = set
	}
	return all, nil
}

// parsePages parses each page with the partials, its words bound to a language.
func parsePages(l string, a *assets) (map[string]*template.Template, error) {
	partials, err := template.New("").Funcs(words(l, a)).ParseFS(templates.FS, "partials/*.html")
	if err != nil {
		return nil, err
	}
	files, err := fs.Glob(templates.FS, "pages/*.html")
	if err != nil {
		return nil, err
	}
	set := map[string]*template.Template{}
	for _, file := range files {
		page, err := partials.Clone()
		if err == nil {
			page, err = page.ParseFS(templates.FS, file)
		}
		if err != nil {
			return nil, err
		}
		set[strings.TrimSuffix(path.Base(file), ".html")] = page
	}
	return set, nil
}

// page is what every page struct is: it embeds Base.
type page interface{ base() *Base }

// Base is what the layout shows around every page.
type Base struct {
	Title string // without a patient's name: others see the window's title
	Lang  string
	Here  string // the page's own address, for the language switch
	Actor auth.Actor
	Rail  *Rail // nil: no menu (sign-in, errors, the room)
	Toast *Toast
	// Training says that the page is of a training team: render finds it by the
	// ids in the address, so that no page can forget.
	Training bool
}

func (b *Base) base() *Base { return b }

// Gate reports whether the page is a single column without menu.
func (b *Base) Gate() bool { return b.Rail == nil }

// English reports whether the person reads English.
func (b *Base) English() bool { return b.Lang == lang.English }

// Toast says what was just done, with the form that undoes it.
type Toast struct {
	Text   string
	Undo   string            // address that the undo form posts to; empty: none
	Fields map[string]string // of the undo form
}

// gate starts a page without menu; title is a French source sentence.
func (s *Server) gate(r *request, title string) Base {
	return Base{Title: r.T(title), Lang: r.lang, Here: safeNext(r.Request.URL.EscapedPath()), Actor: r.actor}
}

// render writes the page. It is whole before the first byte leaves, so that a
// fault in a template is still a fault.
func (s *Server) render(r *request, status int, name string, p page) error {
	return s.renderPart(r, status, name, "layout", p)
}

// renderPart writes one template of a page's.
func (s *Server) renderPart(r *request, status int, name, part string, p page) error {
	t, ok := s.pages[r.lang][name]
	if !ok {
		return fault.Errorf("web.render", "no page %q", name)
	}
	training, err := s.training(r)
	if err != nil {
		return err
	}
	p.base().Training = p.base().Training || training
	var out bytes.Buffer
	if err := t.ExecuteTemplate(&out, part, p); err != nil {
		return fault.Wrap("web.render", fmt.Errorf("%s: %w", name, err))
	}
	r.Header("Vary", "Cookie")
	write(r.Context, status, "text/html; charset=utf-8", out.Bytes(), s.zip.zipped(out.Bytes()))
	return nil
}
