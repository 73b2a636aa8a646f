package web

import (
	"net/http"

	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/lang"
	"github.com/rcp-care/rcp/meetings"
	"github.com/rcp-care/rcp/minutes"
)

// retentionView is how long signed minutes are kept: what reaches its term, who
// is under hold, the classes. Patients stand there by their local identifier.
type retentionView struct {
	Base
	Form
	Which   string // the refused form: a class's key, "new", "hold" or a hold's id
	Year    int
	Ending  []endingRow
	More    bool
	Held    []holdRow
	Lifted  []holdRow
	Classes []minutes.RetentionClass
	Teams   []retainedTeam
}

type endingRow struct {
	minutes.Kept
	Teams string
	Past  bool
}

type holdRow struct {
	minutes.Hold
	File string
}

type retainedTeam struct {
	meetings.Team
	Class string
}

// File names a patient without a name: the local identifier, else the end of
// the id.
func (r endingRow) File() string { return fileOf(r.IPP, r.Patient) }

func fileOf(ipp string, p id.Patient) string {
	if ipp != "" {
		return ipp
	}
	return "…" + string(p)[max(len(p)-12, 0):]
}

func (s *Server) retentionPage(r *request) error {
	return s.showRetention(r, http.StatusOK, Form{}, "")
}

func (s *Server) showRetention(r *request, status int, f Form, which string) error {
	today := s.today(paris())
	v := &retentionView{Form: f, Which: which, Year: today.Year}
	all, err := s.cfg.Retention.Schedule(r.ctx(), r.actor, v.Year)
	if err != nil {
		return err
	}
	teams, err := s.cfg.Meetings.Teams(r.ctx(), r.actor)
	if err != nil {
		return err
	}
	names := map[id.Team]string{}
	for _, t := range teams {
		names[t.ID] = t.Name
		v.Teams = append(v.Teams, retainedTeam{t, all.ClassOf(t.ID).Key})
	}
	v.Classes, v.More = all.Classes, all.More
	for _, k := range all.Ending {
		row := endingRow{Kept: k, Past: k.Until.Before(today)}
		for i, t := range k.Teams {
			if i > 0 {
				row.Teams += ", "
			}
			row.Teams += names[t]
		}
		v.Ending = append(v.Ending, row)
	}
	for _, h := range all.Holds {
		row := holdRow{h, fileOf(h.IPP, h.Patient)}
		row.Since, row.Hold.Lifted = h.Since.In(paris()), h.Lifted.In(paris())
		if h.Lifted.IsZero() {
			v.Held = append(v.Held, row)
		} else {
			v.Lifted = append(v.Lifted, row)
		}
	}
	if v.Base, err = s.base(r, place{menu: "/archive"}, "Conservation"); err != nil {
		return err
	}
	v.Toast = retentionToast(r)
	return s.render(r, status, "retention", v)
}

func retentionToast(r *request) *Toast {
	switch r.Query("did") {
	case "class":
		return &Toast{Text: r.T("La classe est enregistrée, les termes sont recalculés.")}
	case "hold":
		return &Toast{Text: r.T("Le dossier est gelé : aucun terme ne compte.")}
	case "lift":
		return &Toast{Text: r.T("Le gel est levé.")}
	}
	return nil
}

// afterRetention shows the refused form, or goes back to the page.
func (s *Server) afterRetention(r *request, err error, which, did string) error {
	if f, ok := refused(r, err); ok {
		return s.showRetention(r, http.StatusUnprocessableEntity, f, which)
	}
	if err != nil {
		return err
	}
	return r.see("/archive/retention?did=" + did)
}

func (s *Server) saveRetentionClass(r *request) error {
	c := minutes.RetentionClass{
		Key: r.text("key"), Name: r.text("name"), Years: r.number("years"), UntilAge: r.number("until_age"),
		AfterDeath: r.number("after_death"), From: minutes.RetentionStart(r.text("from")), Source: r.text("source"), Version: r.number("version"),
	}
	which := c.Key
	if which == "" {
		which = "new"
	}
	return s.afterRetention(r, s.cfg.Retention.SaveClass(r.ctx(), r.actor, c), which, "class")
}

func (s *Server) setRetentionTeam(r *request) error {
	err := s.cfg.Retention.SetTeam(r.ctx(), r.actor, id.Team(r.text("team")), r.text("class"))
	return s.afterRetention(r, err, "team", "class")
}

func (s *Server) putHold(r *request) error {
	return s.afterRetention(r, s.cfg.Retention.Hold(r.ctx(), r.actor, r.text("ipp"), r.text("reason")), "hold", "hold")
}

func (s *Server) liftHold(r *request) error {
	h, err := pathID[id.Hold](r, "id")
	if err != nil {
		return err
	}
	return s.afterRetention(r, s.cfg.Retention.Lift(r.ctx(), r.actor, h, r.text("reason")), string(h), "lift")
}

// Rule says a class in words.
func (v *retentionView) Rule(c minutes.RetentionClass) string {
	text := lang.N(v.Lang, c.Years, "%d an après le dernier passage", "%d ans après le dernier passage")
	if c.From == minutes.FromSignature {
		text = lang.N(v.Lang, c.Years, "%d an après la signature", "%d ans après la signature")
	}
	if c.UntilAge > 0 {
		text += lang.T(v.Lang, ", au moins jusqu’au %de anniversaire", c.UntilAge)
	}
	if c.AfterDeath > 0 {
		text += lang.T(v.Lang, ", %d ans après un décès survenu dans les %d ans", c.AfterDeath, c.AfterDeath)
	}
	return text
}
