package meetings

import (
	"context"
	"strings"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/event"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
)

// Proposals reads the other times asked for in a state (empty: any), oldest
// first, of the teams whose secretary or chair the actor is.
func (s *Service) Proposals(ctx context.Context, a auth.Actor, status ProposalStatus) ([]Proposal, error) {
	var teams []id.Team
	if !a.System {
		teams = []id.Team{}
		for _, t := range a.TeamIDs() {
			if a.In(t, auth.Secretary, auth.Chair) {
				teams = append(teams, t)
			}
		}
	}
	all, err := s.store.Proposals(ctx, a.Org, teams, status)
	return all, fault.Wrap("meetings.Proposals", err)
}

// ProposalOutline says what accepting a proposal would do, without doing it.
func (s *Service) ProposalOutline(ctx context.Context, a auth.Actor, pid id.Proposal) (Outline, error) {
	const op = "meetings.ProposalOutline"
	p, full, err := s.proposal(ctx, a, op, "proposal.outline", pid, 0)
	if err != nil {
		return Outline{}, err
	}
	d, _, err := s.draftDate(ctx, a, op, p.Meeting, p.edit(full.Meeting, false))
	if err != nil {
		return Outline{}, err
	}
	return d.outline(s.now()), nil
}

// edit is the move that a proposal asks for.
func (p Proposal) edit(m Meeting, anyway bool) DateEdit {
	return DateEdit{Version: m.Version, Move: &Move{Starts: p.Starts, Ends: p.Ends, Room: m.Room, URL: m.URL, Anyway: anyway}}
}

// AcceptProposal moves the meeting to the proposed time, by the rules of Move.
func (s *Service) AcceptProposal(ctx context.Context, a auth.Actor, pid id.Proposal, version int, anyway bool) error {
	const op = "meetings.AcceptProposal"
	p, full, err := s.proposal(ctx, a, op, "proposal.accept", pid, version)
	if err != nil {
		return err
	}
	if !p.Starts.After(s.now()) {
		return fault.New(fault.Conflict, op, "L’heure proposée est passée.")
	}
	d, m, err := s.draftDate(ctx, a, op, p.Meeting, p.edit(full.Meeting, anyway))
	if err != nil {
		return err
	}
	if len(d.before) > 0 && !anyway {
		return errClash(op)
	}
	kind := event.MeetingMoved
	if !m.Linked() && m.Opened.IsZero() {
		kind = event.MeetingChanged
	}
	p.Status, p.Decided = ProposalAccepted, s.now()
	return fault.Wrap(op, s.store.AcceptProposal(ctx, p, d.plan, s.change(a, "proposal.accept", m, kind)))
}

// RefuseProposal refuses the proposed time. The person is told, with the reason.
func (s *Service) RefuseProposal(ctx context.Context, a auth.Actor, pid id.Proposal, version int, reason string) error {
	const op = "meetings.RefuseProposal"
	p, full, err := s.proposal(ctx, a, op, "proposal.refuse", pid, version)
	if err != nil {
		return err
	}
	p.Status, p.Decided, p.Reason = ProposalRefused, s.now(), strings.TrimSpace(reason)
	if len(p.Reason) > maxComment {
		return fieldError(op, "reason", "Ce texte est trop long.")
	}
	by := s.change(a, "proposal.refuse", full.Meeting, event.ProposalRefused)
	by.Events[0].Professional = p.Professional
	return fault.Wrap(op, s.store.RefuseProposal(ctx, p, by))
}

// proposal reads a waiting proposal, for the secretary or chair of its team.
// Version 0 is not compared.
func (s *Service) proposal(ctx context.Context, a auth.Actor, op, action string, pid id.Proposal, version int) (Proposal, Full, error) {
	p, err := s.store.ProposalByID(ctx, a.Org, pid)
	if err != nil {
		return p, Full{}, fault.Wrap(op, err)
	}
	full, err := s.store.MeetingByID(ctx, a.Org, p.Meeting)
	if err != nil {
		return p, full, fault.Wrap(op, err)
	}
	if !a.In(full.Meeting.Team, auth.Secretary, auth.Chair) {
		return p, full, s.refuse(ctx, a, action, full.Meeting)
	}
	if p.Status != ProposalWaiting || version != 0 && version != p.Version {
		return p, full, fault.New(fault.Conflict, op, "Quelqu’un a modifié ceci entre-temps. Rechargez la page.")
	}
	return p, full, nil
}

// LastRefusal reads the proposal of a person that was refused last for a
// meeting, for the mail that tells them. It is for the system.
func (s *Service) LastRefusal(ctx context.Context, a auth.Actor, m id.Meeting, who id.Professional) (Proposal, error) {
	const op = "meetings.LastRefusal"
	if !a.System {
		return Proposal{}, fault.New(fault.Forbidden, op, "Vous ne pouvez pas faire ceci.")
	}
	p, err := s.store.LastRefused(ctx, a.Org, m, who)
	return p, fault.Wrap(op, err)
}
