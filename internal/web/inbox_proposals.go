package web

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
)

// proposalRow is another time that somebody asks for, with what accepting it
// would do.
type proposalRow struct {
	meetings.Proposal
	Form         Form // of this proposal, when it was refused
	At           time.Time
	Was          time.Time // the meeting as it stands
	WasEnds      time.Time
	Starts, Ends time.Time // asked for, in the meeting's zone
	SameDay      bool
	MailHref     string // empty: the actor may not read it
	Told         string // names of those who hear of the new date
	ToldCount    int
	Again        string // names of those who must answer again
	AgainCount   int
	Clashes      []string
	Stuck        string // why it cannot be accepted any more; empty: it can
}

// listProposals reads those that wait, each with its consequences.
func (s *Server) listProposals(r *request, v *inboxView) error {
	if !holds(r.actor, auth.Secretary, auth.Chair) {
		return nil
	}
	all, err := s.cfg.Inbox.Proposals(r.ctx(), r.actor, meetings.ProposalWaiting)
	if err != nil {
		return err
	}
	for _, p := range all {
		row := newProposalRow(p)
		if r.actor.In(p.Team, auth.Secretary) {
			row.MailHref = mailPath(p.Inbound)
		}
		if string(p.ID) == r.Param("proposal") {
			row.Form = v.Form
		}
		if err := s.outlineProposal(r, &row); err != nil {
			return err
		}
		v.Proposals = append(v.Proposals, row)
	}
	return nil
}

func newProposalRow(p meetings.Proposal) proposalRow {
	loc := p.Date.Location()
	p.Comment = visible(p.Comment)
	row := proposalRow{
		Proposal: p, At: p.At.In(loc), Was: p.Date.Starts.In(loc), WasEnds: p.Date.Ends.In(loc),
		Starts: p.Starts.In(loc), Ends: p.Ends.In(loc),
	}
	row.SameDay = day(row.Was) == day(row.Starts)
	return row
}

// outlineProposal fills in what accepting would do: the same outline as for moving the
// meeting. A meeting that can no longer move says so instead.
func (s *Server) outlineProposal(r *request, row *proposalRow) error {
	o, err := s.cfg.Inbox.ProposalOutline(r.ctx(), r.actor, row.ID)
	switch {
	case err == nil && !row.Proposal.Starts.After(s.now()):
		row.Stuck = r.T("L’heure proposée est passée.")
		return nil
	case fault.Is(err, fault.Conflict), fault.Is(err, fault.Invalid), fault.Is(err, fault.NotFound):
		row.Stuck = faultText(r.lang, err)
		return nil
	case err != nil:
		return err
	}
	var told, again []string
	for _, n := range o.Notices {
		if name := n.Who.Name(); !slices.Contains(told, name) {
			told = append(told, name)
		}
	}
	for _, p := range o.Reasked {
		again = append(again, p.Name())
	}
	row.Told, row.ToldCount = strings.Join(told, ", "), len(told)
	row.Again, row.AgainCount = strings.Join(again, ", "), len(again)
	for _, c := range o.Clashes {
		row.Clashes = append(row.Clashes, clashWords(r, c, row.Date.Location()))
	}
	return nil
}

func (s *Server) acceptProposal(r *request) error {
	p, err := s.proposal(r)
	if err != nil {
		return err
	}
	err = s.cfg.Inbox.AcceptProposal(r.ctx(), r.actor, p, r.number("version"), r.text("anyway") != "")
	return s.proposalDone(r, err, "accept")
}

func (s *Server) refuseProposal(r *request) error {
	p, err := s.proposal(r)
	if err != nil {
		return err
	}
	err = s.cfg.Inbox.RefuseProposal(r.ctx(), r.actor, p, r.number("version"), r.text("reason"))
	return s.proposalDone(r, err, "refuse")
}

func (s *Server) proposal(r *request) (id.Proposal, error) {
	if s.cfg.Inbox == nil {
		return "", noSuchPage(r)
	}
	return pathID[id.Proposal](r, "proposal")
}

// proposalDone shows the list again: with a toast, or with the errors beside
// the proposal they are about.
func (s *Server) proposalDone(r *request, err error, did string) error {
	if f, ok := refused(r, err); ok {
		return s.showInbox(r, http.StatusUnprocessableEntity, &inboxView{Form: f})
	}
	if err != nil {
		return err
	}
	return r.see("/inbox?did=" + did)
}
