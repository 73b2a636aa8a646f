package web

import (
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/careplan/fhir"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/lang"
)

// maxUpload is the largest upload, in bytes: 64 MiB of files and what stands
// around them in the form.
const maxUpload = 64<<20 + 1<<20

// importTakes is how long an import may hold the connection.
const importTakes = 10 * time.Minute

// importView is the import form, and its report.
type importView struct {
	Base
	Form
	Teams  []choice
	Done   bool
	Files  []string
	TeamIs string
	Took   time.Duration
	Counts []countRow
	Lines  []lineRow
	More   int // lines not shown
	Past   int // resources read past
	Same   bool
}

type countRow struct {
	Kind                                 string
	Created, Updated, Unchanged, Refused int
}

type lineRow struct {
	Refused bool
	File    string
	Entry   int // from 1; 0: the whole file
	Type    string
	Reason  string
}

// maxLines is how many lines of a report the page shows.
const maxLines = 500

func (s *Server) importPage(r *request) error { return s.showImport(r, http.StatusOK, &importView{}) }

func (s *Server) showImport(r *request, status int, view *importView) error {
	teams, err := s.cfg.Meetings.Teams(r.ctx(), r.actor)
	if err != nil {
		return err
	}
	if r.actor.Admin {
		view.Teams = append(view.Teams, choice{"", r.T("Aucune équipe pour l’instant"), view.Is("team", "")})
	}
	for _, t := range teams {
		if r.actor.Admin || r.actor.In(t.ID, auth.Secretary) {
			view.Teams = append(view.Teams, choice{string(t.ID), t.Name, view.Is("team", string(t.ID))})
		}
		if view.Is("team", string(t.ID)) {
			view.TeamIs = t.Name
		}
	}
	if view.Base, err = s.base(r, place{menu: "/import"}, "Import"); err != nil {
		return err
	}
	return s.render(r, status, "import", view)
}

// upload reads the files and imports them before it answers: the report is the
// answer.
func (s *Server) upload(r *request) error {
	begun := s.now()
	_ = http.NewResponseController(r.Writer).SetReadDeadline(begun.Add(importTakes))  // a test's recorder has none
	_ = http.NewResponseController(r.Writer).SetWriteDeadline(begun.Add(importTakes)) // nor this
	r.Request.Body = http.MaxBytesReader(r.Writer, r.Request.Body, maxUpload)
	in, err := readUpload(r.Request)
	view := &importView{Form: Form{Values: map[string][]string{"team": {in.team}}}, Files: in.files}
	if f, ok := refused(r, err); ok {
		view.Fault, view.Errors = f.Fault, f.Errors
		return s.showImport(r, http.StatusUnprocessableEntity, view)
	}
	if err != nil {
		return err
	}
	report, err := s.cfg.Patients.Import(r.ctx(), r.actor, careplan.Target{Org: r.actor.Org, Team: id.Team(in.team)}, in.batches...)
	if err != nil {
		return err
	}
	view.Done, view.Took, view.Same = true, s.now().Sub(begun), !report.Changed()
	view.fill(r.lang, report)
	return s.showImport(r, http.StatusOK, view)
}

// uploaded is what the form brought.
type uploaded struct {
	team    string
	files   []string
	batches []careplan.Batch
}

// readUpload reads the form part by part: a file is never kept whole twice.
func readUpload(req *http.Request) (uploaded, error) {
	var in uploaded
	parts, err := req.MultipartReader()
	if err != nil {
		return in, noFile()
	}
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return in, tooLong(err)
		}
		if err := in.take(part); err != nil {
			return in, tooLong(err)
		}
	}
	if len(in.files) == 0 {
		return in, noFile()
	}
	return in, nil
}

func (in *uploaded) take(part *multipart.Part) error {
	switch {
	case part.FormName() == "team":
		raw, err := io.ReadAll(io.LimitReader(part, 64))
		if t := string(raw); id.Valid(id.Team(t)) {
			in.team = t
		}
		return err
	case part.FormName() != "file" || part.FileName() == "":
		_, err := io.Copy(io.Discard, part)
		return err
	}
	name := path.Base(strings.ReplaceAll(part.FileName(), `\`, "/"))
	batch, err := fhir.Read(part, name, fhir.Limits{})
	in.files, in.batches = append(in.files, name), append(in.batches, batch)
	return err
}

func noFile() error {
	return &fault.Error{
		Kind: fault.Invalid, Op: "web.readUpload", Code: lang.Mark("Certains champs sont à corriger."),
		Fields: []fault.Field{{Name: "file", Code: lang.Mark("Choisissez un fichier FHIR (JSON, compressé ou non).")}},
	}
}

// tooLong says that the upload passed its limit, when that is what happened.
func tooLong(err error) error {
	var limit *http.MaxBytesError
	if errors.As(err, &limit) {
		return fault.New(fault.Invalid, "web.readUpload", "Les fichiers dépassent 64 Mio. Envoyez-les en plusieurs fois.")
	}
	if fault.KindOf(err) == fault.Invalid {
		return err
	}
	return fault.New(fault.Invalid, "web.readUpload", "L’envoi s’est interrompu. Rien n’a été importé : recommencez.")
}

func (v *importView) fill(l string, report careplan.Report) {
	for _, k := range kindsOf(l) {
		if c, ok := report.Counts[k.Key]; ok {
			v.Counts = append(v.Counts, countRow{k.Name, c[careplan.Created], c[careplan.Updated], c[careplan.Unchanged], c[careplan.Refused]})
		}
	}
	for _, n := range report.Ignored {
		v.Past += n
	}
	lines := report.Lines
	if len(lines) > maxLines {
		lines, v.More = lines[:maxLines], len(lines)-maxLines
	}
	for _, line := range lines {
		v.Lines = append(v.Lines, lineRow{
			Refused: line.Result == careplan.Refused, File: line.Place.File, Entry: line.Place.Entry + 1, Type: line.Place.Type,
			Reason: lang.T(l, line.Reason, line.Args...),
		})
	}
	slices.SortStableFunc(v.Lines, func(a, b lineRow) int {
		switch {
		case a.Refused == b.Refused:
			return 0
		case a.Refused:
			return -1
		}
		return 1
	})
}

func kindsOf(l string) []choice {
	return []choice{
		{Key: "patient", Name: lang.T(l, "Patients")},
		{Key: "plan", Name: lang.T(l, "Plans")},
		{Key: "objective", Name: lang.T(l, "Objectifs")},
		{Key: "action", Name: lang.T(l, "Actions")},
		{Key: "event", Name: lang.T(l, "Événements")},
		{Key: "circle", Name: lang.T(l, "Cercles de soins")},
		{Key: "other", Name: lang.T(l, "Autres")},
	}
}
