package web

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/rcp-care/rcp/internal/handover"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/lang"
)

// exportsView is the years of minutes that are made into packages.
type exportsView struct {
	Base
	Form
	Teams []choice
	Rows  []exportRow
	Busy  bool // one waits: the page asks again
}

type exportRow struct {
	handover.Handover
	At     time.Time // when it was asked for
	Until  time.Time // when it is deleted
	Wait   bool
	Ready  bool
	Failed bool
	Left   string // the time left; empty: not known yet
}

func (s *Server) exports(r *request) error { return s.showExports(r, http.StatusOK, Form{}) }

func (s *Server) showExports(r *request, status int, f Form) error {
	b, err := s.base(r, place{menu: "/archive"}, "Exporter une année")
	if err != nil {
		return err
	}
	v := &exportsView{Base: b, Form: f}
	all, err := s.cfg.Handovers.List(r.ctx(), r.actor)
	if err != nil {
		return err
	}
	for _, h := range all {
		row := s.newExportRow(r.lang, h)
		v.Busy = v.Busy || row.Wait
		v.Rows = append(v.Rows, row)
	}
	teams, err := s.cfg.Meetings.Teams(r.ctx(), r.actor)
	if err != nil {
		return err
	}
	mine := handover.Teams(r.actor)
	for _, t := range teams {
		if slices.Contains(mine, t.ID) && !t.Training { // whose minutes are no records
			v.Teams = append(v.Teams, choice{string(t.ID), t.Name, string(t.ID) == f.Get("team")})
		}
	}
	if v.Values == nil {
		v.Values = map[string][]string{"year": {strconv.Itoa(s.today(paris()).Year)}}
	}
	return s.render(r, status, "exports", v)
}

func (s *Server) newExportRow(l string, h handover.Handover) exportRow {
	row := exportRow{Handover: h, At: h.Asked.In(paris()), Until: h.Finished.Add(handover.Kept).In(paris())}
	switch h.State {
	case handover.Waiting:
		row.Wait = true
	case handover.Ready:
		row.Ready = true
	case handover.Failed:
		row.Failed = true
	}
	switch d := h.Left(s.cfg.Now()); {
	case d <= 0:
	case d < time.Minute:
		row.Left = lang.N(l, int(d.Seconds()), "%d seconde", "%d secondes")
	default:
		row.Left = lang.N(l, int((d + time.Minute - 1).Minutes()), "%d minute", "%d minutes")
	}
	return row
}

func (s *Server) askExport(r *request) error {
	year, err := strconv.Atoi(r.text("year"))
	if err != nil {
		year = 0 // refused as no year
	}
	err = s.cfg.Handovers.Ask(r.ctx(), r.actor, id.Team(r.text("team")), year)
	if f, ok := refused(r, err); ok {
		return s.showExports(r, http.StatusUnprocessableEntity, f)
	}
	if err != nil {
		return err
	}
	return r.see("/archive/exports")
}

// exportTakes is how long a package may take to be sent.
const exportTakes = 2 * time.Hour

// takeExport sends a package as it is written: it is never held in memory.
func (s *Server) takeExport(r *request) error {
	h, err := pathID[id.Handover](r, "id")
	if err != nil {
		return err
	}
	v, err := s.cfg.Handovers.Take(r.ctx(), r.actor, h)
	if err != nil {
		return err
	}
	_ = http.NewResponseController(r.Writer).SetWriteDeadline(time.Now().Add(exportTakes)) // a test's recorder has none
	r.Header("Content-Type", "application/zip")
	r.Header("Content-Disposition", `attachment; filename="`+v.ZipName()+`"`)
	if err := s.cfg.Handovers.WriteZip(r.ctx(), v, r.Writer); err != nil {
		panic(http.ErrAbortHandler) // the file has begun: a broken connection says that it is not whole
	}
	return nil
}
