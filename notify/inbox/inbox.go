// Package inbox takes the mails that come to the organiser's mailbox: it reads
// what they answer, has the meetings' rules weigh it, and keeps what waits for
// a human.
//
// What always holds: every mail ends as one row, applied, proposed, ignored or
// in review, whatever it holds and however often it is shown; the row and what
// it changes are one transaction; a hostile mail costs bounded time and memory;
// nothing of a mail is logged.
//
// Which answer counts is left to meetings, fetching mail to notify/mailbox and
// reading calendar objects to meetings/ical.
package inbox

import (
	"context"
	"time"

	"github.com/rcp-care/rcp/internal/audit"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
	"github.com/rcp-care/rcp/notify"
)

// Mail is one mail as people see it.
type Mail struct {
	meetings.Inbound
	// Text is the mail's words, at most 16 KiB; [Service.Read] and
	// [Service.Upload] alone fill it.
	Text string
}

// Filter selects mails for [Service.List].
type Filter struct {
	Status  []meetings.InboundStatus // nil: any
	Team    id.Team                  // empty: all that the actor may see
	Meeting id.Meeting
	After   string
	Limit   int // default 50
}

// Assignment says as whose answer a mail in review is taken.
type Assignment = meetings.Assignment

// Config is what the service works with. All is required, but where said.
type Config struct {
	Meetings *meetings.Service
	Store    Store
	AuthServ string  // RCP_MAIL_AUTHSERV: whose Authentication-Results count; empty: the topmost
	Reports  Reports // optional: bounces of our own mails are kept with them
	Now      func() time.Time
}

// Reports keeps what servers report of our mails; fault.NotFound of one that is
// none of ours.
type Reports interface {
	SaveReport(ctx context.Context, r notify.Report, by audit.Change) (notify.Message, error)
}

// Store is what the service needs of the database.
type Store interface {
	Orgs(ctx context.Context) ([]auth.Org, error)
	Teams(ctx context.Context, org id.Org) ([]meetings.Team, error)
	meetings.InboundStore
	Audit(ctx context.Context, by audit.Change) error
}

// Service is the organiser's mailbox.
type Service struct {
	Config
}

// New returns a service.
func New(c Config) *Service { return &Service{c} }

// List reads mails, newest first and without Raw: those of the teams whose
// secretary the actor is; for an administrator, all. Mails of no known team
// are for every secretary.
func (s *Service) List(ctx context.Context, a auth.Actor, f Filter) (items []Mail, next string, err error) {
	const op = "inbox.List"
	scope, ok := s.scope(a)
	if !ok {
		return nil, "", s.refuse(ctx, op, a, "inbound.list", meetings.Inbound{})
	}
	scope.Status, scope.Meeting, scope.After, scope.Limit = f.Status, f.Meeting, f.After, f.Limit
	if f.Team != "" {
		if scope.Teams != nil && !a.In(f.Team, auth.Secretary) {
			return nil, "", s.refuse(ctx, op, a, "inbound.list", meetings.Inbound{Team: f.Team})
		}
		scope.Teams, scope.Teamless = []id.Team{f.Team}, false
	}
	found, next, err := s.Store.Inbounds(ctx, scope)
	for _, m := range found {
		items = append(items, Mail{Inbound: m})
	}
	return items, next, fault.Wrap(op, err)
}

// scope is what an actor may list.
func (s *Service) scope(a auth.Actor) (f meetings.InboundFilter, ok bool) {
	f = meetings.InboundFilter{Org: a.Org, Teamless: true}
	if a.Admin || a.System {
		return f, true
	}
	f.Teams = []id.Team{}
	for _, t := range a.TeamIDs() {
		if a.In(t, auth.Secretary) {
			f.Teams = append(f.Teams, t)
		}
	}
	return f, len(f.Teams) > 0
}

// Read reads one mail with Raw and Text. An administrator who is no secretary
// of its team may not.
func (s *Service) Read(ctx context.Context, a auth.Actor, m id.Inbound) (Mail, error) {
	const op = "inbox.Read"
	found, err := s.Store.InboundByID(ctx, a.Org, m)
	if err != nil {
		return Mail{}, fault.Wrap(op, err)
	}
	if !found.For(a) {
		return Mail{}, s.refuse(ctx, op, a, "inbound.read", found)
	}
	by := a.Change(s.Now(), "inbound.read", "inbound", string(m))
	by.Entry.Team = found.Team
	return withText(found), fault.Wrap(op, s.Store.Audit(ctx, by))
}

func withText(in meetings.Inbound) Mail {
	return Mail{Inbound: in, Text: safely(in.Raw).text}
}

// Assign applies a mail in review as somebody's answer. A mail that says no
// answer or no meeting needs one in the assignment. The mail becomes handled;
// its Reason then says what came of it (empty: applied, "stale", "over").
func (s *Service) Assign(ctx context.Context, a auth.Actor, m id.Inbound, version int, as Assignment) (Mail, error) {
	in, err := s.Meetings.HandleInbound(ctx, a, m, version, &as)
	return Mail{Inbound: in}, fault.Wrap("inbox.Assign", err)
}

// Dismiss takes a mail in review off the list without doing anything.
func (s *Service) Dismiss(ctx context.Context, a auth.Actor, m id.Inbound, version int) error {
	_, err := s.Meetings.HandleInbound(ctx, a, m, version, nil)
	return fault.Wrap("inbox.Dismiss", err)
}

// Proposals reads the other times that were asked for (empty status: any), for
// the secretary and the chair of the teams.
func (s *Service) Proposals(ctx context.Context, a auth.Actor, status meetings.ProposalStatus) ([]meetings.Proposal, error) {
	return s.Meetings.Proposals(ctx, a, status)
}

// AcceptProposal moves the meeting to the proposed time. Clashes need anyway,
// as in meetings.Service.Move (field "anyway" of an Invalid fault).
func (s *Service) AcceptProposal(ctx context.Context, a auth.Actor, p id.Proposal, version int, anyway bool) error {
	return s.Meetings.AcceptProposal(ctx, a, p, version, anyway)
}

// ProposalOutline says what accepting a proposal would do, without doing it.
func (s *Service) ProposalOutline(ctx context.Context, a auth.Actor, p id.Proposal) (meetings.Outline, error) {
	return s.Meetings.ProposalOutline(ctx, a, p)
}

// RefuseProposal refuses it; the person is told, with the reason.
func (s *Service) RefuseProposal(ctx context.Context, a auth.Actor, p id.Proposal, version int, reason string) error {
	return s.Meetings.RefuseProposal(ctx, a, p, version, reason)
}

// Waiting counts what waits for the actor: mails in review and proposals. It
// is 0 for who has nothing to do with them, and no refusal.
func (s *Service) Waiting(ctx context.Context, a auth.Actor) (int, error) {
	const op = "inbox.Waiting"
	mails, proposals := 0, 0
	scope, ok := s.scope(a)
	var err error
	if ok {
		if mails, _, err = s.Store.CountWaiting(ctx, scope); err != nil {
			return 0, fault.Wrap(op, err)
		}
	}
	deciding := meetings.InboundFilter{Org: a.Org, Teams: []id.Team{}}
	for _, t := range a.TeamIDs() {
		if a.In(t, auth.Secretary, auth.Chair) {
			deciding.Teams = append(deciding.Teams, t)
		}
	}
	if len(deciding.Teams) > 0 {
		_, proposals, err = s.Store.CountWaiting(ctx, deciding)
	}
	return mails + proposals, fault.Wrap(op, err)
}

// refuse records the refusal; a failed record fails the operation.
func (s *Service) refuse(ctx context.Context, op string, a auth.Actor, action string, in meetings.Inbound) error {
	by := a.Change(s.Now(), action, "inbound", string(in.ID))
	by.Entry.Team = in.Team
	return audit.Refuse(ctx, s.Store, op, by, "Vous ne pouvez pas faire ceci pour cette équipe.")
}
