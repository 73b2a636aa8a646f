// Package demo fills an empty RCP with two fictional teams and their week, the
// way users would: people and teams are saved, plans are imported from FHIR,
// last week's meeting is held and signed, this week's agendas are drafted and
// invitations leave. Every step goes through the same services as the pages,
// with a clock that is turned back for what happened last week.
//
// The material is in internal/demo/content.
package demo

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/rcp-care/rcp/agenda"
	"github.com/rcp-care/rcp/agenda/papers"
	"github.com/rcp-care/rcp/agenda/preparation"
	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/careplan/fhir"
	"github.com/rcp-care/rcp/careplan/protocol"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/demo/content"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
	"github.com/rcp-care/rcp/minutes"
)

// Clock is a clock that can be turned back. The services of a demo read it.
type Clock struct{ shift time.Duration }

// Now returns the turned time.
func (c *Clock) Now() time.Time { return time.Now().Add(c.shift) }

// Set turns the clock to an instant, from which it goes on.
func (c *Clock) Set(to time.Time) { c.shift = time.Until(to) }

// Reset turns the clock back to the present.
func (c *Clock) Reset() { c.shift = 0 }

// House is the services that the demo fills.
type House struct {
	Clock       *Clock
	CreateOrg   func(ctx context.Context, o auth.Org) error
	Actor       func(ctx context.Context, p id.Professional) (auth.Actor, error)
	Auth        *auth.Service
	Patients    *careplan.Service
	Protocols   *protocol.Service
	Meetings    *meetings.Service
	Agenda      *agenda.Service
	Minutes     *minutes.Service
	Retention   *minutes.Retention
	Preparation *preparation.Service
	Papers      *papers.Service
}

// Account is how to sign in to the demo.
type Account struct {
	Name     string `json:"name"`
	Email    string `json:"email"`
	Password string `json:"password"`
	Role     string `json:"role"`
	Team     string `json:"team,omitempty"`
	Token    string `json:"token"`
}

// Result is what the demo made.
type Result struct {
	Accounts []Account
	Report   careplan.Report
	Signed   minutes.Minutes    // last week's
	Coming   []meetings.Meeting // this week's, one per team
}

// Password is the same for every account of a demo: its material is fictional.
const Password = "demonstration"

// Fill makes the demo in an empty store.
func Fill(ctx context.Context, h House) (Result, error) {
	c, err := content.Load()
	if err != nil {
		return Result{}, fmt.Errorf("demo: %w", err)
	}
	f := &filler{House: h, c: c, today: h.Clock.Now(), people: map[string]auth.Professional{}, teams: map[string]meetings.Team{}}
	for _, step := range []func(context.Context) error{
		f.lastWeek, f.savePeople, f.saveTeams, f.letterhead, f.accounts, f.plans, f.held, f.thisWeek, f.outside, f.papers,
		f.training,
	} {
		if err := step(ctx); err != nil {
			return Result{}, fmt.Errorf("demo: %w", err)
		}
	}
	return f.result, nil
}

type filler struct {
	House
	c      content.Content
	today  time.Time
	system auth.Actor
	people map[string]auth.Professional
	teams  map[string]meetings.Team
	result Result
}

// lastWeek turns the clock to before last week's meeting, so that nothing the
// demo tells of happened before it was written.
func (f *filler) lastWeek(context.Context) error {
	f.Clock.Set(f.today.AddDate(0, 0, -13))
	return nil
}

func (f *filler) savePeople(ctx context.Context) error {
	o := f.c.Organisation
	org := auth.Org{
		ID: id.New[id.Org](), FINESS: o.FINESS, Name: o.Name, Letterhead: o.Letterhead, SecureDomains: o.SecureDomains,
		Created: f.Clock.Now(),
	}
	if err := f.CreateOrg(ctx, org); err != nil {
		return err
	}
	f.system = auth.System(org.ID, "demo")
	for _, m := range f.c.Members {
		p, err := f.Meetings.SaveProfessional(ctx, f.system, auth.Professional{
			Family: m.Family, Given: m.Given, Title: m.Title(), Profession: m.Profession, Specialty: m.Specialty, RPPS: m.RPPS, Email: m.Email,
		})
		if err != nil {
			return err
		}
		f.people[m.Key] = p
	}
	return nil
}

func (f *filler) saveTeams(ctx context.Context) error {
	for _, t := range f.c.Teams {
		kind := meetings.Kind(t.Kind)
		team := meetings.Team{
			Name: t.Name, Kind: kind, Zone: t.Zone, HolidayZone: "metropole", Quorum: meetings.DefaultQuorum(kind), CaseMinutes: 8,
			ReviewInterval: 90, CutoffHours: 26, OpenDays: 10, OrganizerAddress: t.Key + "@" + organizerDomain,
		}
		team.Quorum.Required = t.Required
		for _, m := range t.Members {
			team.Members = append(team.Members, meetings.Member{
				Professional: f.people[m.Member], Role: auth.Role(m.Role), Required: m.Required, Joined: date.Of(f.today).AddDays(-400),
			})
		}
		saved, err := f.Meetings.SaveTeam(ctx, f.system, team)
		if err != nil {
			return err
		}
		f.teams[t.Key] = saved
		from := date.Of(f.today)
		if t.Key == f.c.LastMeeting.Team {
			from = from.AddDays(-7) // one meeting before this week's
		}
		_, err = f.Meetings.SaveSeries(ctx, f.system, "", 0, meetings.SeriesEdit{
			Team: saved.ID, Rule: meetings.Every(1, t.Day()), Start: t.Time, Duration: time.Duration(t.Minutes) * time.Minute,
			From: from, Room: t.Room,
		})
		if err != nil {
			return err
		}
	}
	_, err := f.Meetings.MakeAhead(ctx, f.system, "", date.Of(f.today).AddDays(56))
	return err
}

// organizerDomain is where answers to the invitations would be read.
const organizerDomain = "reunions.quatre-rivieres.example"

func (f *filler) accounts(ctx context.Context) error {
	for _, a := range f.c.Accounts {
		p := f.people[a.Member]
		admin := a.Role == "administrator"
		if err := f.Auth.CreateAccount(ctx, f.system, p.ID, p.Email, Password, admin); err != nil {
			return err
		}
		token, err := f.Auth.NewToken(ctx, f.system, p.ID, "demo")
		if err != nil {
			return err
		}
		f.result.Accounts = append(f.result.Accounts, Account{
			Name: p.Name(), Email: p.Email, Password: Password, Role: a.Role, Team: f.teamOf(p.ID), Token: token,
		})
	}
	return nil
}

func (f *filler) teamOf(p id.Professional) string {
	for _, t := range f.c.Teams {
		if f.inTeam(t.Key, p) {
			return t.Name
		}
	}
	return ""
}

// plans imports every patient's bundle, each for the team that follows them.
func (f *filler) plans(ctx context.Context) error {
	bundles, err := content.Bundles(f.c, f.today)
	if err != nil {
		return err
	}
	byTeam := map[string][]careplan.Batch{}
	for _, key := range slices.Sorted(maps.Keys(bundles)) {
		p, ok := f.c.Patient(key)
		if !ok {
			return fmt.Errorf("bundle of nobody: %s", key)
		}
		batch, err := fhir.Read(bytes.NewReader(bundles[key]), key+".json", fhir.Limits{})
		if err != nil {
			return err
		}
		byTeam[p.Team] = append(byTeam[p.Team], batch)
	}
	for _, t := range f.c.Teams {
		target := careplan.Target{Org: f.system.Org, Team: f.teams[t.Key].ID}
		report, err := f.Patients.Import(ctx, f.system, target, byTeam[t.Key]...)
		if err != nil {
			return err
		}
		f.result.Report = merge(f.result.Report, report)
	}
	return nil
}

func merge(a, b careplan.Report) careplan.Report {
	if a.Counts == nil {
		return b
	}
	for kind, counts := range b.Counts {
		if a.Counts[kind] == nil {
			a.Counts[kind] = map[careplan.Result]int{}
		}
		for result, n := range counts {
			a.Counts[kind][result] += n
		}
	}
	a.Lines = append(a.Lines, b.Lines...)
	return a
}

// patient finds an imported patient again, by the local identifier.
func (f *filler) patient(ctx context.Context, key string) (careplan.File, error) {
	p, ok := f.c.Patient(key)
	if !ok {
		return careplan.File{}, fmt.Errorf("unknown patient %s", key)
	}
	found, _, err := f.Patients.Search(ctx, f.system, p.IPP, "", "", 5)
	if err != nil {
		return careplan.File{}, err
	}
	for _, s := range found {
		if s.Patient.IPP == p.IPP || len(found) == 1 {
			return f.Patients.File(ctx, f.system, s.Patient.ID)
		}
	}
	return careplan.File{}, fmt.Errorf("patient %s was not imported", key)
}
