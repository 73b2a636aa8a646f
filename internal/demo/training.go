package demo

import (
	"context"
	"time"

	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/meetings"
)

// training makes a team for beginners: the first team's secretary and two of its
// members, fictional patients and a meeting next week.
func (f *filler) training(ctx context.Context) error {
	like := f.c.Teams[0]
	team := meetings.Team{
		Name: "Formation, équipe fictive", Kind: meetings.Synthese, Zone: like.Zone, HolidayZone: "metropole", Training: true,
		Quorum:      meetings.QuorumRule{MinProfessions: 2},
		CaseMinutes: 8, ReviewInterval: 90, CutoffHours: 26, OpenDays: 10, OrganizerAddress: "formation@" + organizerDomain,
	}
	var circle []careplan.SourceProfessional
	for _, m := range like.Members[:min(4, len(like.Members))] {
		p := f.people[m.Member]
		team.Members = append(team.Members, meetings.Member{Professional: p, Role: auth.Role(m.Role), Required: m.Required})
		circle = append(circle, careplan.SourceProfessional{Key: careplan.Key{System: "urn:rpps", Value: p.RPPS}})
	}
	saved, err := f.Meetings.SaveTeam(ctx, f.system, team)
	if err != nil {
		return err
	}
	if _, err := f.Patients.MakeFictional(ctx, f.system, saved.ID, circle); err != nil {
		return err
	}
	leader, err := f.leader(ctx, saved, auth.Secretary)
	if err != nil {
		return err
	}
	day := date.Of(f.today).AddDays(7)
	for day.Weekday() == time.Saturday || day.Weekday() == time.Sunday {
		day = day.AddDays(1)
	}
	zone, err := date.Zone(saved.Zone)
	if err != nil {
		return err
	}
	starts := day.In(zone).Add(14 * time.Hour)
	m, err := f.Meetings.Create(ctx, leader, saved.ID, "", meetings.Move{Starts: starts, Ends: starts.Add(time.Hour), Room: "Salle de formation"})
	if err != nil {
		return err
	}
	_, err = f.Agenda.Draft(ctx, leader, m.ID)
	return err
}
