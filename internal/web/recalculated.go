package web

import (
	"slices"
	"strings"
	"time"

	"github.com/rcp-care/rcp/agenda"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/lang"
	"github.com/rcp-care/rcp/meetings"
)

// recalculated is what the last edit of an agenda changed, with its undoing.
type recalculated struct {
	Key    id.Event  // of the edit: only this one is undone from here
	At     time.Time // in the meeting's zone
	Who    string    // somebody else, who made the edit
	First  bool      // it made the agenda from nothing
	Around string    // what was pinned, in words
	Text   string    // what changed, in words
}

// mostTold is how many changes the notice tells.
const mostTold = 4

// recalculatedOf tells the last edit, on the day it was made.
func (s *Server) recalculatedOf(r *request, m meetings.Meeting, a agenda.Agenda) *recalculated {
	if a.Last == nil {
		return nil
	}
	at := inZone(a.Last.At, m)
	if date.Of(at) != date.Of(s.now().In(m.Location())) {
		return nil
	}
	v := &recalculated{Key: a.Last.Key, At: at}
	if a.Last.By != r.actor.Professional {
		v.Who = a.Last.Who
	}
	all := slices.Concat(a.Items, a.Waiting, a.Withdrawn)
	if composed(a) {
		v.First, v.Text = true, lang.N(r.lang, len(a.Items), "%d dossier.", "%d dossiers.")
		return v
	}
	var told []string
	more := 0
	for _, c := range a.Last.Changes {
		i := slices.IndexFunc(all, func(l agenda.Item) bool { return l.ID == c.Case })
		if i < 0 {
			continue
		}
		if len(told) == mostTold {
			more++
			continue
		}
		told = append(told, changeText(r, m, all[i], c))
	}
	if more > 0 {
		told = append(told, lang.N(r.lang, more, "et %d autre", "et %d autres"))
	}
	if len(told) == 0 {
		told = []string{r.T("aucun dossier ne change de rang")}
	}
	if n := a.Last.Pins; n > 0 {
		v.Around = lang.N(r.lang, n, "autour de %d épingle", "autour de %d épingles")
	}
	v.Text = strings.Join(told, "\u202f; ") + "."
	return v
}

// composed reports whether the last edit made the agenda from nothing.
func composed(a agenda.Agenda) bool {
	return len(a.Items) > 1 && len(a.Last.Changes) == len(a.Items) &&
		!slices.ContainsFunc(a.Last.Changes, func(c agenda.Change) bool { return c.Kind != agenda.CameIn })
}

// changeText says one change: Mme LAMOISSE passe de 14 h 48 à 15 h 02.
func changeText(r *request, m meetings.Meeting, l agenda.Item, c agenda.Change) string {
	who := l.Patient.Civil()
	clock := func(t time.Time) string { return lang.Clock(r.lang, inZone(t, m)) }
	switch {
	case c.Kind == agenda.CameIn:
		return r.T("%s entre à %s", who, clock(c.To))
	case c.Kind == agenda.WentOut && !l.DeferOn.IsZero():
		return r.T("%s sort pour le %s", who, lang.DayMonth(date.Of(inZone(l.DeferOn, m))))
	case c.Kind == agenda.WentOut:
		return r.T("%s sort", who)
	case c.Kind == agenda.Lasts:
		return r.T("%s passe de %d à %d min", who, c.Were, c.Minutes)
	case c.From.Equal(c.To):
		return r.T("%s change de rang", who)
	}
	return r.T("%s passe de %s à %s", who, clock(c.From), clock(c.To))
}

// undoEdit takes back the edit that the page showed, if it is still the last one.
func (s *Server) undoEdit(r *request) error {
	m, err := pathID[id.Meeting](r, "id")
	if err != nil {
		return err
	}
	if _, err := s.cfg.Agenda.Undo(r.ctx(), r.actor, m, id.Event(r.PostForm("edit"))); err != nil {
		return err
	}
	return r.see("/meetings/" + string(m) + "?did=undo")
}

// placeCase puts one line at a position and pins it there.
func (s *Server) placeCase(r *request) error {
	c, page, err := caseForm(r)
	if err != nil {
		return err
	}
	if _, err := s.cfg.Agenda.Move(r.ctx(), r.actor, id.Meeting(r.PostForm("meeting")), c, number(r.PostForm("to"))); err != nil {
		return err
	}
	return r.see(page + "#c-" + string(c))
}
