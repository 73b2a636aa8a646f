// Package inbox takes the mails that come to the organiser's mailbox: it reads
// what they answer, has the meetings' rules weigh it, and keeps what waits for
// a human.
//
// What always holds: every mail ends as one row, applied, proposed, ignored or
// in review, whatever it holds and however often it is shown; the row and what
// it changes are one transaction; a hostile mail costs bounded time and memory;
// nothing of a mail is logged.
package inbox

import (
	"context"
	"time"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
	"github.com/rcp-care/rcp/notify/mailbox"
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
	AuthServ string // RCP_MAIL_AUTHSERV: whose Authentication-Results count; empty: the topmost
	Now      func() time.Time
}

// Store is what the service needs of the database.
type Store interface {
	Orgs(ctx context.Context) ([]auth.Org, error)
	Teams(ctx context.Context, org id.Org) ([]meetings.Team, error)
	meetings.InboundStore
}

// Service is the organiser's mailbox.
type Service struct {
	Config
}

// New returns a service.
func New(c Config) *Service { return &Service{c} }

// Take treats one mail of the mailbox; it is a [mailbox.Handler].
func (s *Service) Take(ctx context.Context, m mailbox.Message) (mailbox.Folder, error) {
	return "", fault.Errorf("inbox.Take", "not yet")
}

// Upload takes a mail by hand (an .eml file). Any secretary may. A mail that
// was taken before is returned as it stands.
func (s *Service) Upload(ctx context.Context, a auth.Actor, raw []byte) (Mail, error) {
	return Mail{}, fault.Errorf("inbox.Upload", "not yet")
}

// List reads mails, newest first and without Raw: those of the teams whose
// secretary the actor is; for an administrator, all. Mails of no known team
// are for every secretary.
func (s *Service) List(ctx context.Context, a auth.Actor, f Filter) (items []Mail, next string, err error) {
	return nil, "", fault.Errorf("inbox.List", "not yet")
}

// Read reads one mail with Raw and Text. An administrator who is no secretary
// of its team may not.
func (s *Service) Read(ctx context.Context, a auth.Actor, m id.Inbound) (Mail, error) {
	return Mail{}, fault.Errorf("inbox.Read", "not yet")
}

// Assign applies a mail in review as somebody's answer. A mail that says no
// answer or no meeting needs one in the assignment. The mail becomes handled;
// its Reason then says what came of it (empty: applied, "stale", "over").
func (s *Service) Assign(ctx context.Context, a auth.Actor, m id.Inbound, version int, as Assignment) (Mail, error) {
	return Mail{}, fault.Errorf("inbox.Assign", "not yet")
}

// Dismiss takes a mail in review off the list without doing anything.
func (s *Service) Dismiss(ctx context.Context, a auth.Actor, m id.Inbound, version int) error {
	return fault.Errorf("inbox.Dismiss", "not yet")
}

// Proposals reads the other times that were asked for (empty status: any), for
// the secretary and the chair of the teams.
func (s *Service) Proposals(ctx context.Context, a auth.Actor, status meetings.ProposalStatus) ([]meetings.Proposal, error) {
	return nil, fault.Errorf("inbox.Proposals", "not yet")
}

// AcceptProposal moves the meeting to the proposed time. Clashes need anyway,
// as in meetings.Service.Move (field "anyway" of an Invalid fault).
func (s *Service) AcceptProposal(ctx context.Context, a auth.Actor, p id.Proposal, version int, anyway bool) error {
	return fault.Errorf("inbox.AcceptProposal", "not yet")
}

// ProposalOutline says what accepting a proposal would do, without doing it.
func (s *Service) ProposalOutline(ctx context.Context, a auth.Actor, p id.Proposal) (meetings.Outline, error) {
	return meetings.Outline{}, fault.Errorf("inbox.ProposalOutline", "not yet")
}

// RefuseProposal refuses it; the person is told, with the reason.
func (s *Service) RefuseProposal(ctx context.Context, a auth.Actor, p id.Proposal, version int, reason string) error {
	return fault.Errorf("inbox.RefuseProposal", "not yet")
}

// Waiting counts what waits for the actor: mails in review and proposals. It
// is 0 for who has nothing to do with them, and no refusal.
func (s *Service) Waiting(ctx context.Context, a auth.Actor) (int, error) {
	return 0, fault.Errorf("inbox.Waiting", "not yet")
}
