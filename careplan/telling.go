package careplan

import (
	"context"
	"slices"
	"time"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
)

// Telling is who tells a patient what a meeting decided, by when, and when it
// was done (CSP L1111-2: everybody has the right to be informed).
type Telling struct {
	Case     id.Case
	Org      id.Org
	Team     id.Team
	TeamName string
	Zone     string // of the team
	Meeting  id.Meeting
	Decided  time.Time // when that meeting was
	Patient  Patient   // identity traits only
	Who      id.Professional
	WhoName  string
	By       date.Date // zero: no day was set
	On       date.Date // zero: not told yet
	ToldBy   string    // who said so
	How      How
	Days     int // until By, where the team is; negative: late
	Version  int
}

// Done reports whether the patient was told.
func (t Telling) Done() bool { return !t.On.IsZero() }

// Late is the days since the patient should have been told; 0: not late.
func (t Telling) Late() int {
	if t.Done() || t.By.IsZero() {
		return 0
	}
	return max(0, -t.Days)
}

// Meant is the day it was decided, where the team is.
func (t Telling) Meant() date.Date { return date.Of(t.Decided.In(zoned(t.Zone))) }

// How is the way a patient was told.
type How string

// The ways.
const (
	ByInterview How = "interview"
	ByPhone     How = "phone"
	ByLetter    How = "letter"
	Otherwise   How = "other"
)

// Hows returns the ways in the order that forms show.
func Hows() []How { return []How{ByInterview, ByPhone, ByLetter, Otherwise} }

// ToldChange says that a patient was told, or takes it back (On zero).
type ToldChange struct {
	On      date.Date
	How     How
	Version int
}

// SetTold says that a patient was told. Anybody who may see the patient may: it
// is who told them that says so.
func (s *Service) SetTold(ctx context.Context, a auth.Actor, c id.Case, ch ToldChange) (Telling, error) {
	const op = "careplan.SetTold"
	t, err := s.store.TellingByCase(ctx, a.Org, c)
	if err != nil {
		return Telling{}, fault.Wrap(op, err)
	}
	if err := s.permit(ctx, a, op, "patient.told", t.Patient.ID); err != nil {
		return Telling{}, err
	}
	var v fault.Check
	v.That(ch.On.IsZero() || slices.Contains(Hows(), ch.How), "how", "Dites comment le patient a été informé.")
	v.That(DaysLeft(ch.On, s.now(), zoned(t.Zone)) <= 0, "on", "Ce jour n’est pas encore venu.")
	v.That(ch.On.IsZero() || !ch.On.Before(t.Meant()), "on", "Ce jour est avant la réunion.")
	if err := v.Err(op); err != nil {
		return Telling{}, err
	}
	t.On, t.How, t.ToldBy, t.Version = ch.On, ch.How, a.Name, ch.Version
	if ch.On.IsZero() {
		t.How, t.ToldBy = "", ""
	}
	by := s.change(a, "patient.told", "case", string(c), t.Patient.ID)
	by.Entry.Team, by.Entry.Detail = t.Team, string(t.How)
	if err := s.store.UpdateTelling(ctx, t, by); err != nil {
		return Telling{}, fault.Wrap(op, err)
	}
	t.Version++
	return t, nil
}

// Telling reads who tells the patient of a case what was decided.
func (s *Service) Telling(ctx context.Context, a auth.Actor, c id.Case) (Telling, error) {
	const op = "careplan.Telling"
	t, err := s.store.TellingByCase(ctx, a.Org, c)
	if err != nil {
		return Telling{}, fault.Wrap(op, err)
	}
	return t, s.permit(ctx, a, op, "patient.read", t.Patient.ID)
}

// Tellings lists who tells a patient what, for an actor who may see them; the
// file's reading, audited, goes before.
func (s *Service) Tellings(ctx context.Context, a auth.Actor, p id.Patient) ([]Telling, error) {
	const op = "careplan.Tellings"
	if err := s.permit(ctx, a, op, "patient.read", p); err != nil {
		return nil, err
	}
	all, err := s.store.TellingsAbout(ctx, a.Org, p)
	for i := range all {
		all[i].Days = DaysLeft(all[i].By, s.now(), zoned(all[i].Zone))
	}
	return all, fault.Wrap(op, err)
}
