package agenda

import (
	"context"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
)

// Settings returns how a team drafts its agendas, to any of its members
// and to administrators.
func (s *Service) Settings(ctx context.Context, a auth.Actor, team id.Team) (Settings, error) {
	const op = "agenda.Settings"
	if !a.In(team) && !a.Admin {
		by := a.Change(s.now(), "team.rules", "team", string(team))
		by.Entry.Team = team
		return Settings{}, s.refuse(ctx, op, by)
	}
	v, err := s.store.Settings(ctx, a.Org, team)
	return v, fault.Wrap(op, err)
}

// SaveSettings changes how a team drafts its agendas: its secretary or chair,
// or an administrator.
// The next drafting follows them; lines as they stand do not move by it.
func (s *Service) SaveSettings(ctx context.Context, a auth.Actor, team id.Team, v Settings) error {
	const op = "agenda.SaveSettings"
	by := a.Change(s.now(), "team.rules.set", "team", string(team))
	by.Entry.Team = team
	if !a.In(team, auth.Secretary, auth.Chair) && !a.Admin {
		return s.refuse(ctx, op, by)
	}
	if err := v.check().Err(op); err != nil {
		return err
	}
	return fault.Wrap(op, s.store.SaveSettings(ctx, a.Org, team, v, by))
}
