package preparation

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/rcp-care/rcp/agenda"
	"github.com/rcp-care/rcp/internal/audit"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/event"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
)

// Store is what the service needs of the database. Each writing method is one
// transaction with the audit entry and the events of the Change, and a
// fault.Conflict once the case is discussed or withdrawn, or the meeting over.
type Store interface {
	MeetingByID(ctx context.Context, org id.Org, m id.Meeting) (meetings.Full, error)
	// CaseFacts reads the facts of every case of a meeting, in a number of
	// queries that does not depend on how many there are; on is the day that
	// care circles are read for.
	CaseFacts(ctx context.Context, org id.Org, m id.Meeting, on date.Date) (map[id.Case]Facts, error)
	// WriteContribution keeps a text whose Version is the one its author saw.
	WriteContribution(ctx context.Context, org id.Org, c Contribution, by audit.Change) error
	// AskContributions notes who is asked; a text written already stays.
	AskContributions(ctx context.Context, org id.Org, m id.Meeting, asks []Contribution, by audit.Change) error
	// SaveISBAR keeps a summary whose Version is the one its author saw.
	SaveISBAR(ctx context.Context, org id.Org, c id.Case, i ISBAR, by audit.Change) error
	// OwnAsks reads what somebody is asked and did not write, of meetings that
	// are not over, soonest first.
	OwnAsks(ctx context.Context, org id.Org, who id.Professional, on date.Date, limit int) ([]Ask, error)
	// Unanswered reads who is asked for a meeting and did not write.
	Unanswered(ctx context.Context, org id.Org, m id.Meeting) ([]id.Professional, error)
	Audit(ctx context.Context, by audit.Change) error
}

// Cases reads one line of an agenda, for somebody who may (agenda.Service).
type Cases interface {
	Case(ctx context.Context, a auth.Actor, c id.Case) (agenda.Item, error)
}

// Ask is a contribution that somebody is asked for.
type Ask struct {
	Item    agenda.Item // of it, what a list shows
	Starts  time.Time   // of the meeting, in its zone
	Team    string
	AskedAt time.Time // in the meeting's zone
	AskedBy string
}

// Service is the preparation's rules around the store.
type Service struct {
	store Store
	cases Cases
	now   func() time.Time
}

// NewService returns a service; cases decides who may see which.
func NewService(store Store, cases Cases, now func() time.Time) *Service {
	return &Service{store: store, cases: cases, now: now}
}

// Sheet is the preparation of one case.
type Sheet struct {
	Case
	Ready     Readiness
	Expected  []Expected
	Unreached []string     // professions concerned, nobody of whom follows the patient
	Mine      Contribution // the actor's own, empty while there is none
	Writes    bool         // the actor may contribute now
	Asks      bool         // the actor may ask others
	Edits     bool         // the actor may write the summary now
}

// Of returns the preparation of a case to who may see it, audited as the
// reading of the case.
func (s *Service) Of(ctx context.Context, a auth.Actor, c id.Case) (Sheet, error) {
	const op = "preparation.Of"
	k, err := s.read(ctx, a, c)
	if err != nil {
		return Sheet{}, fault.Wrap(op, err)
	}
	sheet := Sheet{Case: k, Ready: Ready(k)}
	sheet.Expected, sheet.Unreached = k.Expected()
	sheet.Mine, _ = k.of(a.Professional)
	_, author := k.author(a)
	sheet.Writes = author && k.open()
	sheet.Edits = k.open()
	sheet.Asks = a.In(k.Team, auth.Secretary, auth.Chair) && k.open()
	return sheet, nil
}

// OfMeeting returns the readiness of every line of an agenda, as agenda.Get
// returned it to the actor: the reading left its trace then.
func (s *Service) OfMeeting(ctx context.Context, a auth.Actor, g agenda.Agenda) (map[id.Case]Readiness, error) {
	const op = "preparation.OfMeeting"
	cases, err := s.all(ctx, a, g)
	if err != nil {
		return nil, fault.Wrap(op, err)
	}
	ready := make(map[id.Case]Readiness, len(cases))
	for _, c := range cases {
		ready[c.ID] = Ready(c)
	}
	return ready, nil
}

// all puts the scheduled and discussed lines of an agenda and their facts
// together.
func (s *Service) all(ctx context.Context, a auth.Actor, g agenda.Agenda) ([]Case, error) {
	full, err := s.store.MeetingByID(ctx, a.Org, g.Meeting)
	if err != nil {
		return nil, err
	}
	if !a.In(full.Meeting.Team) {
		return nil, s.refuse(ctx, "preparation.read", s.change(a, "preparation.read", full.Meeting))
	}
	facts, err := s.store.CaseFacts(ctx, a.Org, g.Meeting, s.today(full.Meeting))
	if err != nil {
		return nil, err
	}
	cases := make([]Case, len(g.Items))
	for i, l := range g.Items {
		cases[i] = newCase(l, facts[l.ID], full)
	}
	return cases, nil
}

// read reads a case for who may see it.
func (s *Service) read(ctx context.Context, a auth.Actor, c id.Case) (Case, error) {
	l, err := s.cases.Case(ctx, a, c)
	if err != nil {
		return Case{}, err
	}
	full, err := s.store.MeetingByID(ctx, a.Org, l.Meeting)
	if err != nil {
		return Case{}, err
	}
	facts, err := s.store.CaseFacts(ctx, a.Org, l.Meeting, s.today(full.Meeting))
	return newCase(l, facts[l.ID], full), err
}

// today is the day where the meeting is.
func (s *Service) today(m meetings.Meeting) date.Date { return date.Of(s.now().In(m.Location())) }

// open reports whether the case may still be prepared.
func (c Case) open() bool {
	status := c.Status == agenda.Proposed || c.Status == agenda.Scheduled
	return status && slices.Contains(preparing, c.Full.Meeting.Status)
}

// preparing are the states of a meeting that is still prepared, or takes place.
var preparing = []meetings.Status{meetings.Draft, meetings.Open, meetings.Closed, meetings.Running}

// author returns the actor as a professional who may contribute: anybody of the
// team who sees the case, the secretary apart.
func (c Case) author(a auth.Actor) (auth.Professional, bool) {
	if !a.In(c.Team, auth.Chair, auth.Clinician) {
		return auth.Professional{}, false
	}
	i := slices.IndexFunc(c.Full.Team.Members, func(m meetings.Member) bool { return m.ID == a.Professional && a.Professional != "" })
	if i < 0 {
		return auth.Professional{}, false
	}
	return c.Full.Team.Members[i].Professional, true
}

// MaxText is the most characters of a contribution, and of a part of a summary.
const MaxText = 8_000

// Contribute keeps what the actor writes about a case. Of the contribution it
// takes the text, whether it is a written opinion, and the version seen.
func (s *Service) Contribute(ctx context.Context, a auth.Actor, c id.Case, k Contribution) (Contribution, error) {
	const op = "preparation.Contribute"
	line, err := s.read(ctx, a, c)
	if err != nil {
		return Contribution{}, fault.Wrap(op, err)
	}
	by := s.caseChange(a, "contribution.write", line.Item)
	who, ok := line.author(a)
	if !ok {
		return Contribution{}, s.refuse(ctx, op, by)
	}
	k.Text = strings.TrimSpace(k.Text)
	var check fault.Check
	check.That(k.Text != "", "text", "Écrivez votre avis.")
	check.That(len([]rune(k.Text)) <= MaxText, "text", "Ce texte est trop long.")
	if err := check.Err(op); err != nil {
		return Contribution{}, err
	}
	k.Case, k.Professional, k.Profession, k.WrittenAt = c, who, who.Profession, s.now().UTC().Truncate(time.Microsecond)
	by.Events = append(by.Events, s.event(a, event.ContributionWritten, line.Item))
	if err := s.store.WriteContribution(ctx, a.Org, k, by); err != nil {
		return Contribution{}, fault.Wrap(op, err)
	}
	k.Version++
	return k, nil
}

// Summarise keeps the summary of a case, written by anybody who may see it.
func (s *Service) Summarise(ctx context.Context, a auth.Actor, c id.Case, i ISBAR) error {
	const op = "preparation.Summarise"
	line, err := s.read(ctx, a, c)
	if err != nil {
		return fault.Wrap(op, err)
	}
	var check fault.Check
	for name, text := range map[string]*string{
		"situation": &i.Situation, "background": &i.Background, "assessment": &i.Assessment, "recommendation": &i.Recommendation,
	} {
		*text = strings.TrimSpace(*text)
		check.That(len([]rune(*text)) <= MaxText, name, "Ce texte est trop long.")
	}
	if err := check.Err(op); err != nil {
		return err
	}
	i.By, i.At = a.Name, s.now().UTC().Truncate(time.Microsecond)
	by := s.caseChange(a, "case.summarise", line.Item)
	by.Events = append(by.Events, s.event(a, event.ContributionWritten, line.Item))
	return fault.Wrap(op, s.store.SaveISBAR(ctx, a.Org, c, i, by))
}

func (s *Service) event(a auth.Actor, kind event.Kind, l agenda.Item) event.Event {
	e := a.Event(s.now(), kind)
	e.Team, e.Meeting, e.Case = l.Team, l.Meeting, l.ID
	return e
}

func (s *Service) refuse(ctx context.Context, op string, by audit.Change) error {
	return audit.Refuse(ctx, s.store, op, by, "Vous n’avez pas accès à ceci.")
}

func (s *Service) change(a auth.Actor, action string, m meetings.Meeting) audit.Change {
	by := a.Change(s.now(), action, "meeting", string(m.ID))
	by.Entry.Team = m.Team
	return by
}

func (s *Service) caseChange(a auth.Actor, action string, l agenda.Item) audit.Change {
	by := a.Change(s.now(), action, "case", string(l.ID))
	by.Entry.Team, by.Entry.Patient = l.Team, l.Patient.ID
	return by
}
