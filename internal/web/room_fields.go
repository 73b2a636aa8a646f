package web

import (
	"net/http"
	"strings"

	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/lang"
	"github.com/rcp-care/rcp/meetings"
	"github.com/rcp-care/rcp/minutes"
)

// savedFields answers fields sent as they are typed.
type savedFields struct {
	Said    string       `json:"said"` // Enregistré à 15 h 09
	Version int          `json:"version"`
	Fields  []savedField `json:"fields"`
}

// savedField is what became of one, in the order in which they were sent.
type savedField struct {
	Name   string `json:"name"` // from now on
	State  string `json:"state"`
	Stored string `json:"stored"` // as the page shows it
	Error  string `json:"error,omitempty"`
	By     string `json:"by,omitempty"` // who wrote what stands there instead
}

// saveFields saves fields of a case one beside the other, as they are typed:
// field, base (what stood there) and value, repeated, in the same order.
func (s *Server) saveFields(r *request) error {
	m, c, err := roomPath(r)
	if err != nil {
		return err
	}
	full, err := s.cfg.Meetings.Get(r.ctx(), r.actor, m)
	if err != nil {
		return err
	}
	form := r.form()
	names, bases, values := form["field"], form["base"], form["value"]
	if len(names) == 0 || len(names) != len(bases) || len(names) != len(values) {
		return fault.New(fault.Invalid, "web.saveFields", "")
	}
	day := date.Of(s.now().In(full.Meeting.Location()))
	out := savedFields{Fields: make([]savedField, len(names))}
	var fields []minutes.Field
	var sent []int
	for i, name := range names {
		f, ok := fieldOf(name, bases[i], values[i], day, full)
		if !ok {
			out.Fields[i] = savedField{Name: name, State: "refused", Error: r.T(badDay)}
			continue
		}
		fields, sent = append(fields, f), append(sent, i)
	}
	d, said, err := s.cfg.Minutes.RecordFields(r.ctx(), r.actor, c, fields)
	if err != nil {
		return err
	}
	for i, o := range said {
		out.Fields[sent[i]] = savedFieldOf(r, o, d.ByName)
	}
	out.Version = d.Version
	if d.Version > 0 {
		out.Said = r.T("Enregistré à %s", lang.Clock(r.lang, d.At.In(full.Meeting.Location())))
	}
	r.JSON(http.StatusOK, out)
	return nil
}

func savedFieldOf(r *request, o minutes.Outcome, by string) savedField {
	f := savedField{Name: o.Name, State: "saved", Stored: o.Stored}
	if isDay(o.Name) {
		if d, err := date.Parse(o.Stored); err == nil {
			f.Stored = lang.Numeric(d)
		}
	}
	switch {
	case o.Err != nil:
		f.State, f.Error = "refused", faultText(r.lang, o.Err)
		if all := fault.Fields(o.Err); len(all) > 0 {
			f.Error = r.T(all[0].Code, all[0].Args...)
		}
	case o.Clash:
		f.State, f.By = "clash", by
	}
	return f
}

// fieldOf reads what was typed as the minutes keep it: days as days, people by
// their whole names.
func fieldOf(name, base, value string, today date.Date, full meetings.Full) (f minutes.Field, ok bool) {
	f = minutes.Field{Name: name, Base: base, Value: value}
	switch {
	case isDay(name):
		if was, ok := readDay(strings.TrimSpace(base), today); ok && !was.IsZero() {
			f.Base = was.String()
		}
		day, ok := readDay(strings.TrimSpace(value), today)
		if !ok {
			return f, false
		}
		if f.Value = ""; !day.IsZero() {
			f.Value = day.String()
		}
	case name == "informer" || name == "dissent_by":
		f.Value = fullName(strings.TrimSpace(value), full)
	case strings.HasSuffix(name, "/owner"): // of an action, or of a new objective
		f.Owner, f.Value = person(strings.TrimSpace(value), full)
	}
	return f, true
}

func isDay(name string) bool {
	return name == "next_review" || name == "inform_by" || strings.HasSuffix(name, "/due")
}
