package demo

import (
	"context"
	"slices"

	"github.com/rcp-care/rcp/agenda"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
)

// standard keeps the référentiels of an RCP and registers the cases that one
// covers without discussion, as its chair does before the meeting.
func (f *filler) standard(ctx context.Context, team meetings.Team, m meetings.Meeting) error {
	if team.Kind != meetings.RCP {
		return nil
	}
	chair, err := f.leader(ctx, team, auth.Chair)
	if err != nil {
		return err
	}
	list, err := f.Agenda.Get(ctx, chair, m.ID)
	if err != nil {
		return err
	}
	for _, p := range f.c.Patients {
		if p.Case == nil || p.Case.Referential == nil || f.teams[p.Team].ID != team.ID || p.Suggested == nil {
			continue
		}
		day, err := date.Parse(p.Case.Referential.Date)
		if err != nil {
			return err
		}
		ref, err := f.Agenda.AddReference(ctx, chair, agenda.Reference{
			Team: team.ID, Name: p.Case.Referential.Name, Version: p.Case.Referential.Version, Day: day,
			Source: "Réseau régional de cancérologie",
		})
		if err != nil {
			return err
		}
		if c := caseOf(list, p.IPP); c != "" {
			if _, err := f.Agenda.Register(ctx, chair, c, ref.ID, p.Suggested.Summary, f.day(p.Suggested.NextReviewInDays)); err != nil {
				return err
			}
		}
	}
	return nil
}

// caseOf finds the line of a patient, on the agenda or waiting for a place.
func caseOf(list agenda.Agenda, ipp string) id.Case {
	all := slices.Concat(list.Items, list.Waiting)
	i := slices.IndexFunc(all, func(l agenda.Item) bool { return l.Patient.IPP == ipp })
	if i < 0 || all[i].Status == agenda.Deferred {
		return ""
	}
	return all[i].ID
}
