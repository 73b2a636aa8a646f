package meetings

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/event"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
)

// Teams reads the actor's teams with their members; all of the organisation's
// for an administrator or the system.
func (s *Service) Teams(ctx context.Context, a auth.Actor) ([]Team, error) {
	all, err := s.store.Teams(ctx, a.Org)
	if err != nil || a.Admin || a.System {
		return all, err
	}
	return slices.DeleteFunc(all, func(t Team) bool { return !a.In(t.ID) }), nil
}

// Team reads one team.
func (s *Service) Team(ctx context.Context, a auth.Actor, t id.Team) (Team, error) {
	if !a.Admin && !a.In(t) {
		return Team{}, s.refuse(ctx, a, "team.read", Meeting{Team: t})
	}
	return s.store.TeamByID(ctx, a.Org, t)
}

// Training reports whether any of the ids that an address holds, of whatever
// kind, is of a training team or of a fictional patient: its page says so.
func (s *Service) Training(ctx context.Context, org id.Org, ids ...string) (bool, error) {
	if len(ids) == 0 || org == "" {
		return false, nil
	}
	return s.store.Training(ctx, org, ids)
}

// SaveTeam makes or changes a team. An administrator may, and its secretary.
// Members who come or go are added to, or taken off, the meetings to come, and
// are told when those were already announced.
func (s *Service) SaveTeam(ctx context.Context, a auth.Actor, t Team) (Team, error) {
	const op = "meetings.SaveTeam"
	if !a.Admin && (t.ID == "" && !a.System || !a.In(t.ID, auth.Secretary)) {
		return t, s.refuse(ctx, a, "team.save", Meeting{Team: t.ID})
	}
	t, old, err := s.completeTeam(ctx, a, t)
	if err != nil {
		return t, fault.Wrap(op, err)
	}
	if err := t.check(op); err != nil {
		return t, err
	}
	by := a.Change(s.now(), "team.save", "team", string(t.ID))
	by.Entry.Team, by.Entry.Detail = t.ID, memberDetail(old, t)
	if err := s.sameOrg(ctx, op, t); err != nil {
		return t, err
	}
	changes, err := s.attendeeChanges(ctx, old, t)
	if err != nil {
		return t, fault.Wrap(op, err)
	}
	by.Events = announcements(a, s.now(), t.ID, changes)
	if err := s.store.SaveTeam(ctx, t, plain(changes), by); err != nil {
		return t, fault.Wrap(op, err)
	}
	t.Version++
	return t, nil
}

// completeTeam fills what a form leaves out and reads the team as it was.
func (s *Service) completeTeam(ctx context.Context, a auth.Actor, t Team) (Team, Team, error) {
	t.Org, t.Updated, t.Name = a.Org, s.now(), strings.TrimSpace(t.Name)
	t.Reminders = sortedReminders(t.Reminders)
	if t.ID == "" {
		t.ID, t.Created, t.Version = id.New[id.Team](), s.now(), 0
		if t.Quorum.MinProfessions == 0 && t.Quorum.MinSpecialties == 0 {
			t.Quorum = DefaultQuorum(t.Kind)
		}
		if t.Reminders == nil {
			t.Reminders = DefaultReminders()
		}
	}
	var old Team
	var err error
	if t.Version > 0 {
		old, err = s.store.TeamByID(ctx, a.Org, t.ID)
		if t.Reminders == nil { // who leaves them out keeps them; none is an empty list
			t.Reminders = old.Reminders
		}
	}
	if t.Version > 0 {
		t.Training = old.Training // chosen once
	}
	today := date.Of(s.now())
	for i := range t.Members {
		if t.Members[i].Joined.IsZero() {
			t.Members[i].Joined = today
		}
	}
	return t, old, err
}

func (t Team) check(op string) error {
	var c fault.Check
	c.That(t.Name != "", "name", "Un nom est attendu.")
	c.That(t.Kind == Synthese || t.Kind == RCP, "kind", "Choisissez un type de réunion.")
	_, err := date.Zone(t.Zone)
	c.That(err == nil && t.Zone != "" && t.Zone != "Local", "zone", "Fuseau horaire inconnu.")
	c.That(knownHolidayZone(t.HolidayZone), "holiday_zone", "Zone de jours fériés inconnue.")
	c.That(t.CaseMinutes >= 1 && t.CaseMinutes <= 60, "case_minutes", "Entre 1 et 60 minutes.")
	c.That(t.ReviewInterval >= 1 && t.ReviewInterval <= 730, "review_interval", "Entre 1 et 730 jours.")
	c.That(t.CutoffHours >= 0 && t.CutoffHours <= 240, "cutoff_hours", "Entre 0 et 240 heures.")
	c.That(t.OpenDays >= 0 && t.OpenDays <= 60, "open_days", "Entre 0 et 60 jours.")
	c.That(strings.Contains(t.OrganizerAddress, "@"), "organizer_address", "Une adresse de messagerie est attendue.")
	checkReminders(&c, t.Reminders)
	for _, p := range t.Quorum.Required {
		c.That(knownProfession(p), "required", "Profession inconnue.")
	}
	seen := map[id.Professional]bool{}
	for _, m := range t.Members {
		c.That(!seen[m.ID], "members", "Une personne figure deux fois.")
		c.That(m.Role == auth.Secretary || m.Role == auth.Chair || m.Role == auth.Clinician, "members", "Rôle inconnu.")
		seen[m.ID] = true
	}
	return c.Err(op)
}

// sameOrg refuses a member who is no professional of the team's organisation.
func (s *Service) sameOrg(ctx context.Context, op string, t Team) error {
	all, err := s.store.Professionals(ctx, t.Org)
	if err != nil {
		return fault.Wrap(op, err)
	}
	known := map[id.Professional]bool{}
	for _, p := range all {
		known[p.ID] = true
	}
	var c fault.Check
	for _, m := range t.Members {
		c.That(known[m.ID], "members", "Cette personne n’est pas de l’établissement.")
	}
	return c.Err(op)
}

// memberDetail tells the audit who came, who went and whose role changed.
func memberDetail(old, t Team) string {
	var parts []string
	for _, m := range t.Members {
		i := slices.IndexFunc(old.Members, func(o Member) bool { return o.ID == m.ID })
		if i < 0 || old.Members[i].Role != m.Role {
			parts = append(parts, fmt.Sprintf("%s=%s", m.ID, m.Role))
		}
	}
	for _, o := range old.Members {
		if !slices.ContainsFunc(t.Members, func(m Member) bool { return m.ID == o.ID }) {
			parts = append(parts, fmt.Sprintf("%s=gone", o.ID))
		}
	}
	return strings.Join(parts, " ")
}

type attendeeChange struct {
	AttendeeChange
	announced bool
	series    id.Series // whose object the meeting is a date of; empty: its own
}

// announcements are the events of those who come or go: one for a series,
// whose object is one, and one for each other meeting that was announced.
func announcements(a auth.Actor, now time.Time, team id.Team, changes []attendeeChange) (all []event.Event) {
	told := map[id.Series]bool{}
	for _, c := range changes {
		if !c.announced || told[c.series] {
			continue
		}
		e := a.Event(now, event.AttendeeAdded)
		if c.Removed {
			e.Kind = event.AttendeeRemoved
		}
		e.Team, e.Meeting, e.Professional = team, c.Meeting, c.Member.ID
		if c.series != "" {
			e.Kind, e.Series, told[c.series] = event.SeriesChanged, c.series, true
		}
		all = append(all, e)
	}
	return all
}

func plain(all []attendeeChange) []AttendeeChange {
	out := make([]AttendeeChange, len(all))
	for i, c := range all {
		out[i] = c.AttendeeChange
	}
	return out
}

// attendeeChanges compares the members before and after for each meeting that
// is still to come.
func (s *Service) attendeeChanges(ctx context.Context, old, t Team) ([]attendeeChange, error) {
	if old.ID == "" {
		return nil, nil
	}
	coming, err := s.coming(ctx, t)
	if err != nil {
		return nil, err
	}
	today := date.Of(s.now())
	added, removed := newcomers(t, old, today), newcomers(old, t, today)
	var all []attendeeChange
	for _, m := range coming {
		c := attendeeChange{AttendeeChange: AttendeeChange{Meeting: m.ID}, announced: !m.Opened.IsZero()}
		if m.Linked() {
			c.announced, c.series = true, m.Series
		}
		c.announced = c.announced && m.live()
		for _, who := range added {
			c.Member, c.Removed = who, false
			all = append(all, c)
		}
		for _, who := range removed {
			c.Member, c.Removed = who, true
			all = append(all, c)
		}
	}
	return all, nil
}

// coming reads the meetings of a team that are still to come, those a series
// can bring back included.
func (s *Service) coming(ctx context.Context, t Team) (all []Meeting, err error) {
	after := ""
	for {
		page, next, err := s.store.Meetings(ctx, Filter{
			Org: t.Org, Teams: []id.Team{t.ID}, From: s.now(), Status: []Status{Draft, Open, Closed, Cancelled}, After: after, Limit: 500,
		})
		if err != nil {
			return nil, err
		}
		all = append(all, page...)
		if after = next; next == "" {
			return slices.DeleteFunc(all, func(m Meeting) bool { return !m.live() && !m.Lapsed }), nil
		}
	}
}

// newcomers returns the members of t on a day who are not in the other.
func newcomers(t, other Team, on date.Date) []Member {
	var fresh []Member
	for _, m := range t.Members {
		was := slices.ContainsFunc(other.Members, func(o Member) bool { return o.ID == m.ID && o.On(on) })
		if m.On(on) && !was {
			fresh = append(fresh, m)
		}
	}
	return fresh
}

// On reports whether the member belongs to the team on a day.
func (m Member) On(d date.Date) bool { return m.Left.IsZero() || !m.Left.Before(d) }

// Professionals reads the organisation's professionals, to build a team or name
// somebody in charge.
func (s *Service) Professionals(ctx context.Context, a auth.Actor) ([]auth.Professional, error) {
	return s.store.Professionals(ctx, a.Org)
}

var rpps = regexp.MustCompile(`^[0-9]{11}$`)

// SaveProfessional makes or changes a professional. An administrator may, and
// any secretary. RPPS is 11 digits or empty.
func (s *Service) SaveProfessional(ctx context.Context, a auth.Actor, p auth.Professional) (auth.Professional, error) {
	const op = "meetings.SaveProfessional"
	if !a.Admin && !a.System && !leadsAny(a) {
		return p, s.refuse(ctx, a, "professional.save", Meeting{})
	}
	p.Org, p.Email, p.Family = a.Org, strings.ToLower(strings.TrimSpace(p.Email)), strings.TrimSpace(p.Family)
	var c fault.Check
	c.That(p.Family != "", "family", "Un nom est attendu.")
	c.That(knownProfession(p.Profession), "profession", "Profession inconnue.")
	c.That(p.RPPS == "" || rpps.MatchString(p.RPPS), "rpps", "Un RPPS compte 11 chiffres.")
	c.That(p.Email == "" || strings.Contains(p.Email, "@"), "email", "Une adresse de messagerie est attendue.")
	if err := c.Err(op); err != nil {
		return p, err
	}
	if p.ID == "" {
		p.ID, p.Version = id.New[id.Professional](), 0
	}
	by := a.Change(s.now(), "professional.save", "professional", string(p.ID))
	var err error
	if by.Events, err = s.readdressed(ctx, a, p); err != nil {
		return p, fault.Wrap(op, err)
	}
	err = s.store.SaveProfessional(ctx, p, by)
	p.Version++
	return p, fault.Wrap(op, err)
}

// readdressed makes an event for each calendar object of a person whose address
// changes: the old one is told to forget it, the new one is invited.
func (s *Service) readdressed(ctx context.Context, a auth.Actor, p auth.Professional) (all []event.Event, err error) {
	if p.Version == 0 {
		return nil, nil
	}
	people, err := s.store.Professionals(ctx, a.Org)
	if err != nil || slices.ContainsFunc(people, func(o auth.Professional) bool { return o.ID == p.ID && auth.Fold(o.Email) == auth.Fold(p.Email) }) {
		return nil, err
	}
	mine, err := s.store.OwnMeetings(ctx, a.Org, p.ID, s.now(), feedMost)
	told := map[id.Series]bool{}
	for _, o := range mine {
		m := o.Meeting
		if !m.live() || !m.Announced() || m.Linked() && told[m.Series] {
			continue
		}
		e := a.Event(s.now(), event.AttendeeAdded)
		e.Team, e.Meeting, e.Professional = m.Team, m.ID, p.ID
		if m.Linked() {
			e.Kind, e.Series, told[m.Series] = event.SeriesChanged, m.Series, true
		}
		all = append(all, e)
	}
	return all, err
}

func leadsAny(a auth.Actor) bool {
	for _, r := range a.Teams {
		if r == auth.Secretary {
			return true
		}
	}
	return false
}

// Series reads the series of a team, or of every team the actor sees.
func (s *Service) Series(ctx context.Context, a auth.Actor, team id.Team) ([]Series, error) {
	var want []id.Team
	if team != "" {
		want = []id.Team{team}
	}
	teams := visible(a, want)
	if teams != nil && len(teams) == 0 {
		return nil, nil
	}
	return s.store.SeriesOf(ctx, a.Org, teams)
}
