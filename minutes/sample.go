package minutes

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/rcp-care/rcp/agenda"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/event"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
)

// Judgement is what a reading over says of a standard case.
type Judgement string

// The judgements.
const (
	Conforming Judgement = "conforming"
	ToDiscuss  Judgement = "discuss" // asked for at the next meeting
)

// StandardCase is a standard case of signed minutes: the ground of the sample.
type StandardCase struct {
	Case      id.Case
	Org       id.Org
	Team      id.Team
	Meeting   id.Meeting
	Minutes   id.Minutes
	Patient   id.Patient
	Quarter   string // of the signature, where the team is: 2026-4
	Drawn     bool
	Verdict   Judgement // empty: to read over
	Comment   string
	JudgedBy  id.Professional
	Judge     string
	JudgedAt  time.Time
	MeetingAt time.Time
	Sheet     Case // as it was signed, read with a drawn one
}

// Rate is what the sample of a quarter found.
type Rate struct {
	Quarter                             string
	Standard, Drawn, Judged, Conforming int
}

// Percent is the share of the cases judged that conform, in hundredths.
func (r Rate) Percent() int {
	if r.Judged == 0 {
		return 0
	}
	return (100*r.Conforming + r.Judged/2) / r.Judged
}

// DefaultShare is the share of standard cases to read over, in hundredths.
const DefaultShare = 10

// Draw says which standard cases of newly signed minutes are read over.
//
// Each case has a lot: the first eight bytes of SHA-256(hash of the signed
// minutes, "/", case id), as a fraction of one. It is drawn when its lot is
// below share hundredths. The hash covers the whole text, the instant of the
// signature in microseconds and the team's minutes before: until the signature
// nobody can know the lots nor choose them; after it anybody can draw them
// again from the archived JSON and find the same. So that each quarter with a
// standard case has one in its sample, the lowest lot is drawn when the quarter
// has none yet (atLeast).
func Draw(sha string, cases []id.Case, share int, atLeast bool) []id.Case {
	type lot struct {
		c id.Case
		n uint64
	}
	var drawn, all []lot
	for _, c := range cases {
		sum := sha256.Sum256([]byte(sha + "/" + string(c)))
		l := lot{c, binary.BigEndian.Uint64(sum[:8])}
		all = append(all, l)
		if l.n/100 < ^uint64(0)/10000*uint64(share) { //nolint:gosec // 1 to 100
			drawn = append(drawn, l)
		}
	}
	if len(drawn) == 0 && atLeast && len(all) > 0 {
		drawn = []lot{slices.MinFunc(all, func(a, b lot) int { return cmp.Compare(a.n, b.n) })}
	}
	ids := make([]id.Case, len(drawn))
	for i, l := range drawn {
		ids[i] = l.c
	}
	return ids
}

// quarterOf names the quarter of an instant: 2026-4.
func quarterOf(t time.Time) string { return fmt.Sprintf("%d-%d", t.Year(), (int(t.Month())+2)/3) }

// draw draws the sample of a first signature.
func (s *Service) draw(ctx context.Context, g *Signing) error {
	m, c := g.Minutes, g.Minutes.Content
	cases := c.standards()
	if g.Correction || len(cases) == 0 {
		return nil
	}
	share, err := s.store.AuditShare(ctx, m.Org, m.Team)
	if err != nil {
		return err
	}
	quarter := quarterOf(m.SignedAt.In(c.location()))
	some, err := s.store.Drawn(ctx, m.Org, m.Team, quarter)
	if err != nil {
		return err
	}
	drawn := Draw(m.SHA256, cases, share, !some)
	for _, k := range c.Cases {
		if k.Standard {
			g.Standard = append(g.Standard, StandardCase{
				Case: k.Case, Org: m.Org, Team: m.Team, Meeting: m.Meeting, Minutes: m.ID, Patient: k.Patient,
				Quarter: quarter, Drawn: slices.Contains(drawn, k.Case),
			})
		}
	}
	return nil
}

// Sample is what a chair reads over, and what was found so far.
type Sample struct {
	Share int // hundredths
	Cases []StandardCase
	Rates []Rate // newest quarter first
}

// sampleMost is how many drawn cases are listed.
const sampleMost = 100

// Sample returns the cases drawn for reading over, to the team's chair.
func (s *Service) Sample(ctx context.Context, a auth.Actor, team id.Team) (Sample, error) {
	const op = "minutes.Sample"
	by := a.Change(s.now(), "sample.read", "team", string(team))
	by.Entry.Team = team
	if !a.In(team, auth.Chair) {
		return Sample{}, s.refuse(ctx, op, by)
	}
	var out Sample
	var err error
	if out.Share, err = s.store.AuditShare(ctx, a.Org, team); err != nil {
		return out, fault.Wrap(op, err)
	}
	if out.Cases, err = s.store.Sampled(ctx, a.Org, team, sampleMost); err != nil {
		return out, fault.Wrap(op, err)
	}
	if out.Rates, err = s.store.SampleRates(ctx, a.Org, team); err != nil {
		return out, fault.Wrap(op, err)
	}
	return out, fault.Wrap(op, s.store.Audit(ctx, by))
}

// SetShare sets the share of standard cases to read over, in hundredths, of the
// minutes signed from now on: the team's chair.
func (s *Service) SetShare(ctx context.Context, a auth.Actor, team id.Team, share int) error {
	const op = "minutes.SetShare"
	by := a.Change(s.now(), "sample.share", "team", string(team))
	by.Entry.Team, by.Entry.Detail = team, fmt.Sprintf("share=%d", share)
	if !a.In(team, auth.Chair) {
		return s.refuse(ctx, op, by)
	}
	var c fault.Check
	c.That(share >= 1 && share <= 100, "share", "La part relue va de 1 à 100 %.")
	if err := c.Err(op); err != nil {
		return err
	}
	return fault.Wrap(op, s.store.SetAuditShare(ctx, a.Org, team, share, by))
}

// Judge says of a drawn case whether it conforms to its référentiel; one to
// discuss is asked for at the team's next meeting. Once, by the team's chair.
func (s *Service) Judge(ctx context.Context, a auth.Actor, c id.Case, v Judgement, comment string) error {
	const op = "minutes.Judge"
	k, err := s.store.SampledCase(ctx, a.Org, c)
	if err != nil {
		return fault.Wrap(op, err)
	}
	by := a.Change(s.now(), "sample.judge", "case", string(c))
	by.Entry.Team, by.Entry.Patient, by.Entry.Detail = k.Team, k.Patient, string(v)
	if !a.In(k.Team, auth.Chair) || a.Professional == "" {
		by.Entry.Detail = ""
		return s.refuse(ctx, op, by)
	}
	comment = strings.TrimSpace(comment)
	var check fault.Check
	check.That(v == Conforming || v == ToDiscuss, "verdict", "Dites si le dossier est conforme ou à discuter.")
	check.That(v != ToDiscuss || comment != "", "comment", "Dites ce qui est à discuter.")
	check.That(len([]rune(comment)) <= 2000, "comment", "Ce texte est trop long.")
	if err := check.Err(op); err != nil {
		return err
	}
	k.Verdict, k.Comment, k.JudgedBy, k.Judge, k.JudgedAt = v, comment, a.Professional, a.Name, by.Entry.At
	var again *agenda.Request
	if v == ToDiscuss {
		again = &agenda.Request{
			ID: id.New[id.Request](), Org: a.Org, Team: k.Team, Patient: k.Patient, By: a.Professional, ByName: a.Name,
			Question: comment, Urgency: agenda.Soon, Source: agenda.FromProfessional, Status: agenda.RequestWaiting, At: by.Entry.At,
		}
		e := a.Event(by.Entry.At, event.RequestMade)
		e.Team, e.Patient, e.Professional = k.Team, k.Patient, a.Professional
		by.Events = append(by.Events, e)
	}
	return fault.Wrap(op, s.store.JudgeSample(ctx, k, again, by))
}
