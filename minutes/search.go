package minutes

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
)

// Found is a case of signed minutes that a search found, in their latest
// version.
type Found struct {
	Minutes   id.Minutes
	Meeting   id.Meeting
	Version   int
	Team      id.Team
	TeamName  string
	Zone      string // of the meeting
	MeetingAt time.Time
	Case      id.Case
	Patient   id.Patient
	Name      string // of the patient, as the minutes say it
	Text      string // what was written of the case
	Snippet   []Piece
}

// maxTerms is how many words of a search count.
const maxTerms = 12

// Search finds cases of signed minutes by words of their decisions, objectives,
// actions and question (every word begins one of theirs, accents and case
// apart), by who was there and all that Archive narrows by; newest meeting
// first. Outside the secretary and the chair it finds those of the patients
// whom the actor cares for. The audit keeps the number found, never the words.
func (s *Service) Search(ctx context.Context, a auth.Actor, q ArchiveQuery) ([]Found, string, error) {
	const op = "minutes.Search"
	q = s.sighted(a, q)
	terms := Terms(q.Words)
	if len(terms) == 0 && strings.TrimSpace(q.Words) != "" {
		return nil, "", fault.Wrap(op, s.searched(ctx, a, 0))
	}
	found, next, err := s.store.FindDecisions(ctx, q, terms)
	if err != nil {
		return nil, "", fault.Wrap(op, err)
	}
	for i, f := range found {
		found[i].Snippet = Snippet(f.Text, terms)
	}
	return found, next, fault.Wrap(op, s.searched(ctx, a, len(found)))
}

// Terms are the folded words that a search text asks for.
func Terms(text string) []string {
	all := strings.Fields(careplan.Fold(text))
	for i, w := range all {
		all[i] = clip(w)
	}
	slices.Sort(all)
	all = slices.Compact(all)
	return all[:min(len(all), maxTerms)]
}

func (s *Service) searched(ctx context.Context, a auth.Actor, n int) error {
	by := a.Change(s.now(), "minutes.search", "minutes", "")
	by.Entry.Detail = fmt.Sprintf("found=%d", n)
	return s.store.Audit(ctx, by)
}

// sighted puts into a query whose minutes the actor may know of.
func (s *Service) sighted(a auth.Actor, q ArchiveQuery) ArchiveQuery {
	q.Org, q.All, q.Who, q.On = a.Org, a.System, a.Professional, date.Of(s.now())
	q.Full, q.Mine = nil, nil
	for _, t := range a.TeamIDs() {
		if len(q.Teams) > 0 && !slices.Contains(q.Teams, t) {
			continue
		}
		if a.In(t, auth.Secretary, auth.Chair) {
			q.Full = append(q.Full, t)
		} else {
			q.Mine = append(q.Mine, t)
		}
	}
	if q.Limit <= 0 || q.Limit > 200 {
		q.Limit = 50
	}
	return q
}
