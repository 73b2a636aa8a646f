package minutes

import (
	"context"
	"time"

	"github.com/rcp-care/rcp/agenda"
	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/audit"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
)

// Store is what the service needs of the database. Each writing method is one
// transaction: the rows, the audit entry and the events of the Change.
type Store interface {
	OrgByID(ctx context.Context, org id.Org) (auth.Org, error)
	MeetingByID(ctx context.Context, org id.Org, m id.Meeting) (meetings.Full, error)
	// Letterhead reads what the team's minutes carry, Logo its picture by hash.
	Letterhead(ctx context.Context, org id.Org, t id.Team) (meetings.Letterhead, error)
	Logo(ctx context.Context, org id.Org, sha string) (meetings.Logo, []byte, error)
	AgendaItems(ctx context.Context, org id.Org, m id.Meeting) ([]agenda.Item, error)
	CaseByID(ctx context.Context, org id.Org, c id.Case) (agenda.Item, error)
	InCircle(ctx context.Context, org id.Org, who id.Professional, patients []id.Patient, on date.Date) (map[id.Patient]bool, error)
	// TeamFiles reads the plans that a team follows, with their expectations,
	// objectives and actions, of all the patients at once.
	TeamFiles(ctx context.Context, org id.Org, team id.Team, patients []id.Patient) (map[id.Patient]careplan.File, error)
	Decisions(ctx context.Context, org id.Org, m id.Meeting) ([]Decision, error)
	// Opinions reads the written opinions on the cases of a meeting.
	Opinions(ctx context.Context, org id.Org, m id.Meeting) (map[id.Case][]meetings.Opinion, error)
	// SaveDecision inserts (Version 0) or changes a decision, and marks its case
	// discussed from begun when it was not yet.
	SaveDecision(ctx context.Context, org id.Org, d Decision, begun time.Time, by audit.Change) error
	// Sign freezes minutes and makes the plans follow, in one transaction.
	Sign(ctx context.Context, s Signing, by audit.Change) error
	// Head returns the end of a team's chain: its last position and hash.
	Head(ctx context.Context, org id.Org, team id.Team) (seq int, sha string, err error)
	MinutesByID(ctx context.Context, org id.Org, m id.Minutes) (Minutes, error)
	MinutesOf(ctx context.Context, org id.Org, m id.Meeting) ([]Minutes, error) // newest first
	MinutesAbout(ctx context.Context, org id.Org, p id.Patient) ([]Minutes, error)
	ArchivedMinutes(ctx context.Context, q ArchiveQuery) (items []Minutes, next string, err error)
	// FindDecisions finds cases whose words begin with each of the folded terms.
	FindDecisions(ctx context.Context, q ArchiveQuery, terms []string) (found []Found, next string, err error)
	// AuditShare is the share of a team's standard cases to read over, in
	// hundredths; Drawn whether the sample of its quarter has a case already.
	AuditShare(ctx context.Context, org id.Org, team id.Team) (int, error)
	SetAuditShare(ctx context.Context, org id.Org, team id.Team, share int, by audit.Change) error
	Drawn(ctx context.Context, org id.Org, team id.Team, quarter string) (bool, error)
	// Sampled reads the drawn cases of a team, those to judge first, newest first.
	Sampled(ctx context.Context, org id.Org, team id.Team, limit int) ([]StandardCase, error)
	SampledCase(ctx context.Context, org id.Org, c id.Case) (StandardCase, error)
	SampleRates(ctx context.Context, org id.Org, team id.Team) ([]Rate, error)
	// JudgeSample keeps a judgement, once, with the request that it makes.
	JudgeSample(ctx context.Context, c StandardCase, again *agenda.Request, by audit.Change) error
	Audit(ctx context.Context, by audit.Change) error
}

// Renderer prints minutes as PDF. hash is the SHA-256 of the whole signed
// content, empty for a project; it is printed even when c is a part of it.
type Renderer interface {
	Render(c Content, kind DocumentKind, patient id.Patient, hash string) (pdf []byte, pages int, err error)
}

// Archive keeps PDFs by the SHA-256 of their bytes, in hexadecimal. Putting the
// same twice is harmless.
type Archive interface {
	Put(ctx context.Context, sha string, pdf []byte) error
	Get(ctx context.Context, sha string) ([]byte, error)
}

// ArchiveQuery selects signed minutes, newest first. Full and Mine are set by
// the service: teams whose minutes the actor reads whole, and teams of which
// only those about patients that Who cares for on the day On.
type ArchiveQuery struct {
	Org      id.Org
	Teams    []id.Team // narrows; nil: all the actor's
	From, To date.Date // day of the meeting where it took place, both included; zero: open
	Patient  string    // text: names, IPP
	// Words and Profession narrow Search alone.
	Words      string
	Profession string // a key of meetings.Professions: somebody of it was there
	All        bool
	Full       []id.Team
	Mine       []id.Team
	Who        id.Professional
	On         date.Date
	After      string
	Limit      int
}

// Signing is everything that a signature, or a correction, commits at once.
type Signing struct {
	Minutes        Minutes
	JSON           []byte // the frozen content, byte for byte
	MeetingVersion int
	Correction     bool
	Seen           map[id.Case]int // versions of the decisions that were read
	Lines          map[id.Case]int // of the agenda's lines; nil for a correction, which reads none
	Attendance     map[id.Professional]int
	Deferred       []agenda.Item  // not reached, or discussed by an RCP without its quorum: carried over
	Registered     []agenda.Item  // standard cases that were not read out: registered all the same
	Standard       []StandardCase // of a first signature
	Decisions      []Decision     // of a correction
	Changes        PlanChanges
	Tellings       []careplan.Telling // who tells each patient
}

// Service is the minutes' rules around the store.
type Service struct {
	store    Store
	patients *careplan.Service
	render   Renderer
	archive  Archive
	now      func() time.Time
}

// NewService returns a service; patients decides who may see whom.
func NewService(store Store, patients *careplan.Service, render Renderer, archive Archive, now func() time.Time) *Service {
	return &Service{store: store, patients: patients, render: render, archive: archive, now: now}
}

// meeting reads a meeting for one of the roles in its team (any when none is
// given); a refusal is audited under the action.
func (s *Service) meeting(ctx context.Context, a auth.Actor, m id.Meeting, action string, roles ...auth.Role) (meetings.Full, error) {
	full, err := s.store.MeetingByID(ctx, a.Org, m)
	if err != nil {
		return full, err
	}
	if !a.In(full.Meeting.Team, roles...) {
		return meetings.Full{}, s.refuse(ctx, action, s.change(a, action, full.Meeting))
	}
	return full, nil
}

// refuse audits a refusal and returns it.
func (s *Service) refuse(ctx context.Context, op string, by audit.Change) error {
	return audit.Refuse(ctx, s.store, op, by, "Vous n’avez pas accès à ceci.")
}

func (s *Service) change(a auth.Actor, action string, m meetings.Meeting) audit.Change {
	by := a.Change(s.now(), action, "meeting", string(m.ID))
	by.Entry.Team = m.Team
	return by
}

// sight returns whether the actor may see a patient in the minutes of a team:
// the secretary and the chair all, the others those they care for today.
func (s *Service) sight(ctx context.Context, a auth.Actor, team id.Team, patients []id.Patient) (func(id.Patient) bool, error) {
	if a.In(team, auth.Secretary, auth.Chair) {
		return func(id.Patient) bool { return true }, nil
	}
	if !a.In(team) || len(patients) == 0 {
		return func(id.Patient) bool { return false }, nil
	}
	seen, err := s.store.InCircle(ctx, a.Org, a.Professional, patients, date.Of(s.now()))
	return func(p id.Patient) bool { return seen[p] }, err
}
