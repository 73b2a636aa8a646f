package careplan

import (
	"context"
	"fmt"
	"strings"

	"github.com/rcp-care/rcp/internal/audit"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
)

// File reads everything of one patient, for an actor who may see them. The
// reading is audited, and so is a refusal. A patient of another organisation
// is fault.NotFound, one whom the actor does not follow fault.Forbidden.
func (s *Service) File(ctx context.Context, a auth.Actor, p id.Patient) (File, error) {
	const op = "careplan.File"
	if err := s.permit(ctx, a, op, "patient.read", p); err != nil {
		return File{}, err
	}
	f, err := s.store.PatientFile(ctx, a.Org, p)
	if err != nil {
		return File{}, fault.Wrap(op, err)
	}
	if err := s.store.Audit(ctx, s.change(a, "patient.read", "patient", string(p), p).InSpells()); err != nil {
		return File{}, fault.Wrap(op, err)
	}
	return f, nil
}

// permit audits and returns a refusal when the actor may not see the patient.
func (s *Service) permit(ctx context.Context, a auth.Actor, op, action string, p id.Patient) error {
	ok, err := s.May(ctx, a, p)
	if err != nil {
		return fault.Wrap(op, err)
	}
	if ok {
		return nil
	}
	return s.refuse(ctx, op, s.change(a, action, "patient", string(p), p), "Vous ne suivez pas ce patient.")
}

// refuse audits what was refused and returns the fault; an audit that cannot
// be written is the fault instead.
func (s *Service) refuse(ctx context.Context, op string, c audit.Change, why string) error {
	return audit.Refuse(ctx, s.store, op, c, why)
}

// change starts the audit record of something done to a patient.
func (s *Service) change(a auth.Actor, action, object, objectID string, p id.Patient) audit.Change {
	c := a.Change(s.now(), action, object, objectID)
	c.Entry.Patient = p
	return c
}

// MaxSearch is the most patients that one Search returns.
const MaxSearch = 200

// Search lists the patients whom the actor may see, by name (accents and case
// apart), birth date or IPP; an empty text lists all. team narrows when not
// empty. after is the cursor that the page before returned; next is empty on
// the last page. The audit keeps the number found, never the text.
func (s *Service) Search(ctx context.Context, a auth.Actor, text string, team id.Team, after string, limit int) (
	found []Summary, next string, err error,
) {
	const op = "careplan.Search"
	if team != "" && !a.In(team) {
		c := a.Change(s.now(), "patient.search", "team", string(team))
		c.Entry.Team = team
		return nil, "", s.refuse(ctx, op, c, "Vous n’êtes pas membre de cette équipe.")
	}
	if limit <= 0 || limit > MaxSearch {
		limit = min(50, MaxSearch)
	}
	q := PatientQuery{
		Org: a.Org, Text: text, Who: a.Professional, On: date.Of(s.now()), Team: team, All: a.System,
		After: after, Limit: limit + 1,
	}
	for _, t := range a.TeamIDs() {
		if a.In(t, auth.Secretary, auth.Chair) {
			q.Teams = append(q.Teams, t)
		}
	}
	if found, err = s.store.SearchPatients(ctx, q); err != nil {
		return nil, "", fault.Wrap(op, err)
	}
	if len(found) > limit {
		found = found[:limit]
		next = string(found[limit-1].Patient.ID)
	}
	c := a.Change(s.now(), "patient.search", "patient", "")
	c.Entry.Team, c.Entry.Detail = team, fmt.Sprintf("found=%d", len(found))
	if err := s.store.Audit(ctx, c); err != nil {
		return nil, "", fault.Wrap(op, err)
	}
	return found, next, nil
}

// Terms is what a search text asks for: every word must begin a word of the
// patient's names or IPP, and the birth date, when one is given, must agree.
type Terms struct {
	Words []string // folded
	Birth date.Date
	None  bool // a text without a letter or a digit: nobody is called so
}

// ParseTerms takes a search text apart; a birth date is 19/10/1950 or 1950-10-19.
func ParseTerms(text string) Terms {
	var t Terms
	var words []string
	for w := range strings.FieldsSeq(text) {
		if d, ok := parseDay(w); ok {
			t.Birth = d
			continue
		}
		words = append(words, w)
	}
	t.Words = strings.Fields(Fold(strings.Join(words, " ")))
	t.None = len(words) > 0 && len(t.Words) == 0
	return t
}

func parseDay(w string) (date.Date, bool) {
	if d, err := date.Parse(w); err == nil {
		return d, true
	}
	if len(w) != 10 || w[2] != '/' || w[5] != '/' {
		return date.Date{}, false
	}
	d, err := date.Parse(w[6:] + "-" + w[3:5] + "-" + w[:2])
	return d, err == nil
}
