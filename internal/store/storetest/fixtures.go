package storetest

import (
	"context"
	"testing"
	"time"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/store"
	"github.com/rcp-care/rcp/meetings"
)

// House is an organisation with one team of kind synthese that meets every
// Thursday at 14:30 in Paris, and the actors of its members.
type House struct {
	Org       auth.Org
	System    auth.Actor
	Team      meetings.Team
	Series    meetings.Series
	Secretary auth.Actor
	Chair     auth.Actor
	Clinician auth.Actor
	Stranger  auth.Actor // same organisation, no team
	Meetings  *meetings.Service
}

// NewHouse makes a House on a store, at Now.
func NewHouse(t testing.TB, s *store.Store) House {
	t.Helper()
	return NewHouseOf(t, s, func(*meetings.Team) {})
}

// NewHouseOf is NewHouse with a team of another sort.
func NewHouseOf(t testing.TB, s *store.Store, change func(*meetings.Team)) House {
	t.Helper()
	ctx := context.Background()
	org, system := Org(t, s)
	h := House{Org: org, System: system, Meetings: meetings.NewService(s, Clock)}
	people := []auth.Professional{
		{Family: "Marchenoir", Given: "Odile", Profession: "secretaire", Email: "odile@clinique.example"},
		{Family: "Varennes", Given: "Solène", Title: "Dr", Profession: "medecin", Specialty: "gériatrie", RPPS: "10100000001", Email: "solene@medecin.mssante.example"},
		{Family: "Karaoui", Given: "Inès", Profession: "infirmier", RPPS: "10100000002", Email: "ines@clinique.example"},
		{Family: "Quintane", Given: "Joël", Profession: "assistant-social"},
		{Family: "Ailleurs", Given: "Claude", Profession: "medecin", Specialty: "cardiologie", RPPS: "10100000003"},
	}
	roles := []auth.Role{auth.Secretary, auth.Chair, auth.Clinician, auth.Clinician}
	team := meetings.Team{
		Name: "Gériatrie, secteur Nord", Kind: meetings.Synthese, Zone: "Europe/Paris", HolidayZone: "metropole",
		Quorum: meetings.QuorumRule{MinProfessions: 3, Required: []string{"medecin"}}, CaseMinutes: 8, ReviewInterval: 90,
		CutoffHours: 26, OpenDays: 14, OrganizerAddress: "reunions@valbrume.example",
	}
	for i, p := range people {
		saved, err := h.Meetings.SaveProfessional(ctx, system, p)
		if err != nil {
			t.Fatalf("save professional: %v", err)
		}
		people[i] = saved
		if i < len(roles) {
			team.Members = append(team.Members, meetings.Member{
				Professional: saved, Role: roles[i], Required: i > 0, Joined: date.New(2026, 1, 1),
			})
		}
	}
	change(&team)
	var err error
	if h.Team, err = h.Meetings.SaveTeam(ctx, system, team); err != nil {
		t.Fatalf("save team: %v", err)
	}
	h.Series, err = h.Meetings.SaveSeries(ctx, system, "", 0, meetings.SeriesEdit{
		Team: h.Team.ID, Rule: meetings.Every(1, time.Thursday), Start: "14:30", Duration: 90 * time.Minute,
		From: date.New(2026, 11, 1), Until: date.New(2026, 12, 31), Room: "Salle Simone",
	})
	if err != nil {
		t.Fatalf("save series: %v", err)
	}
	actor := func(p auth.Professional, roles map[id.Team]auth.Role) auth.Actor {
		return auth.Actor{Professional: p.ID, Org: org.ID, Name: p.Name(), Teams: roles, Origin: "test", Lang: "fr"}
	}
	h.Secretary = actor(people[0], map[id.Team]auth.Role{h.Team.ID: auth.Secretary})
	h.Chair = actor(people[1], map[id.Team]auth.Role{h.Team.ID: auth.Chair})
	h.Clinician = actor(people[2], map[id.Team]auth.Role{h.Team.ID: auth.Clinician})
	h.Stranger = actor(people[4], nil)
	return h
}

// Meeting makes the meetings ahead and returns the first one, of Thursday 26
// November 2026.
func (h House) Meeting(t testing.TB) meetings.Full {
	t.Helper()
	ctx := context.Background()
	if _, err := h.Meetings.MakeAhead(ctx, h.System, "", date.New(2026, 12, 31)); err != nil {
		t.Fatalf("make ahead: %v", err)
	}
	all, _, err := h.Meetings.List(ctx, h.System, meetings.Filter{})
	if err != nil || len(all) == 0 {
		t.Fatalf("list: %d, %v", len(all), err)
	}
	full, err := h.Meetings.Get(ctx, h.System, all[0].ID)
	if err != nil {
		t.Fatalf("get: %v", err)
	}
	return full
}
