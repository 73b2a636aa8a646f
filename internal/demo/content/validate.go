package content

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// horizon bounds every count of days: two years each way.
const horizon = 730

// checker gathers findings; where names what is being read.
type checker struct {
	c        Content
	findings []error
}

func (k *checker) need(ok bool, format string, args ...any) {
	if !ok {
		k.findings = append(k.findings, fmt.Errorf("content: "+format, args...))
	}
}

func (k *checker) oneOf(where, got string, allowed ...string) {
	k.need(slices.Contains(allowed, got), "%s: unknown word %q", where, got)
}

func (k *checker) member(where, key string) {
	_, ok := k.c.Member(key)
	k.need(ok, "%s: unknown member %q", where, key)
}

func (k *checker) day(where string, n int) {
	k.need(n >= -horizon && n <= horizon, "%s: %d days is out of bounds", where, n)
}

func (k *checker) date(where, s string) {
	_, err := time.Parse(time.DateOnly, s)
	k.need(err == nil, "%s: date %q is not YYYY-MM-DD", where, s)
}

func (k *checker) clock(where, s string) {
	_, err := time.Parse("15:04", s)
	k.need(err == nil, "%s: hour %q is not HH:MM", where, s)
}

func (k *checker) unique(what string, values []string) {
	seen := map[string]bool{}
	for _, v := range values {
		k.need(v != "" && !seen[v], "%s %q is empty or not unique", what, v)
		seen[v] = true
	}
}

// Validate checks the material against itself.
func (c Content) Validate() error {
	k := &checker{c: c}
	k.organisation()
	for _, m := range c.Members {
		k.professional(m)
	}
	for _, t := range c.Teams {
		k.team(t)
	}
	k.uniqueness()
	for _, a := range c.Accounts {
		k.member("account", a.Member)
		k.oneOf("account", a.Role, "secretary", "chair", "clinician", "administrator")
	}
	for _, p := range c.Patients {
		k.patient(p)
	}
	k.meeting(c.LastMeeting)
	return errors.Join(k.findings...)
}

func (k *checker) uniqueness() {
	var members, emails, teams, patients, ipps, accounts []string
	for _, m := range k.c.Members {
		members, emails = append(members, m.Key), append(emails, m.Email)
	}
	for _, t := range k.c.Teams {
		teams = append(teams, t.Key)
	}
	for _, p := range k.c.Patients {
		patients, ipps = append(patients, p.Key), append(ipps, p.IPP)
	}
	for _, a := range k.c.Accounts {
		accounts = append(accounts, a.Member)
	}
	k.unique("member", members)
	k.unique("e-mail", emails)
	k.unique("team", teams)
	k.unique("patient", patients)
	k.unique("IPP", ipps)
	k.unique("account", accounts)
}

func (k *checker) organisation() {
	o := k.c.Organisation
	k.need(len(o.FINESS) == 9, "organisation: FINESS has 9 characters")
	for _, d := range o.SecureDomains {
		k.need(strings.HasSuffix(d, ".example"), "organisation: domain outside .example")
	}
}

func (k *checker) professional(m Member) {
	k.oneOf("member "+m.Key, m.Gender, "female", "male")
	k.need(m.RPPS == "" || len(m.RPPS) == 11 && luhn(m.RPPS), "member %s: RPPS", m.Key)
	k.need(strings.HasSuffix(m.Email, ".example"), "member %s: e-mail outside .example", m.Key)
}

func (k *checker) team(t Team) {
	k.oneOf("team "+t.Key, t.Kind, "synthese", "rcp")
	_, known := weekdays[t.Weekday]
	k.need(known, "team %s: weekday", t.Key)
	k.clock("team "+t.Key, t.Time)
	_, err := time.LoadLocation(t.Zone)
	k.need(err == nil, "team %s: zone", t.Key)
	k.need(len(t.Members) >= 8 && len(t.Members) <= 14, "team %s: 8 to 14 members", t.Key)
	var keys []string
	for _, m := range t.Members {
		k.member("team "+t.Key, m.Member)
		k.oneOf("team "+t.Key, m.Role, "secretary", "chair", "clinician")
		keys = append(keys, m.Member)
	}
	k.unique("team "+t.Key+" member", keys)
}

func (k *checker) patient(p Patient) {
	where := "patient " + p.Key
	k.need(slices.ContainsFunc(k.c.Teams, func(t Team) bool { return t.Key == p.Team }), "%s: unknown team", where)
	k.date(where, p.BirthDate)
	k.oneOf(where, p.Sex, "female", "male")
	k.oneOf(where, p.Identity, "PROV", "VALI", "RECUP", "QUAL")
	k.oneOf(where, p.Sharing.State, "agreed", "opposed", "unknown")
	k.need((p.INSOrder != "") == (p.Identity == "QUAL"), "%s: an INS goes with QUAL, and only with it", where)
	k.need(len(p.BirthPlace) == 5, "%s: birthplace", where)
	k.need(len(p.Circle) > 0 && p.Circle[0] == p.Referent, "%s: the circle starts with the referent", where)
	k.unique(where+" circle", p.Circle)
	for _, m := range p.Circle {
		k.member(where, m)
	}
	k.inCircle(where, p, p.inCharge())
	k.plan(where, p.Plan)
	k.around(where, p)
}

func (k *checker) inCircle(where string, p Patient, keys []string) {
	for _, key := range keys {
		k.need(slices.Contains(p.Circle, key), "%s: %s is in charge but outside the care circle", where, key)
	}
}

// inCharge are all who have something to do for the patient, by the plan or by
// this week's suggestion: to see it, they must be in the care circle (CSP
// L1110-4).
func (p Patient) inCharge() []string {
	var keys []string
	for _, o := range p.Plan.Objectives {
		keys = append(keys, o.Who)
		for _, a := range o.Actions {
			keys = append(keys, a.Who)
		}
	}
	return append(keys, SuggestedFor(p).inCharge()...)
}

func (d Decision) inCharge() []string {
	keys := []string{d.Informer}
	for _, a := range d.Actions {
		keys = append(keys, a.Who)
	}
	for _, o := range d.NewObjectives {
		keys = append(keys, o.Who)
	}
	return keys
}

func (k *checker) around(where string, p Patient) {
	for _, e := range p.Events {
		k.oneOf(where, e.Kind, "hospitalisation", "return", "fall", "transfer", "new-treatment")
		k.day(where, e.InDays)
		k.need(e.InDays > 0 || e.InDays+e.Days <= 0, "%s: an event that has begun has ended", where)
	}
	if r := p.Request; r != nil {
		k.member(where, r.By)
		k.oneOf(where, r.Urgency, "routine", "soon", "urgent")
		k.need(r.InDays <= 0, "%s: a request is in the past", where)
	}
	if c := p.Case; c != nil {
		k.oneOf(where, c.Kind, "standard", "discussed")
		k.need((c.Referential != nil) == (c.Kind == "standard"), "%s: référentiel", where)
		if c.Referential != nil {
			k.date(where, c.Referential.Date)
		}
	}
	if p.Suggested != nil {
		k.decision(where, p, *p.Suggested)
	}
}

func (k *checker) plan(where string, pl Plan) {
	k.oneOf(where, pl.Status, "draft", "active", "on-hold", "completed")
	k.need(pl.IntervalDays > 0, "%s: review interval", where)
	k.need(len(pl.Objectives) >= 2 && len(pl.Objectives) <= 5, "%s: 2 to 5 objectives", where)
	if last := pl.LastReviewDaysAgo; last != nil {
		k.need(*last >= 0 && *last <= pl.StartedDaysAgo, "%s: reviewed before it started", where)
	}
	var titles []string
	for _, o := range pl.Objectives {
		k.objective(where, o)
		titles = append(titles, o.Title)
	}
	k.unique(where+" objective", titles)
}

func (k *checker) objective(where string, o Objective) {
	k.member(where, o.Who)
	k.day(where, o.DueInDays)
	k.oneOf(where, o.Lifecycle, "proposed", "planned", "accepted", "active", "on-hold", "completed", "cancelled")
	k.oneOf(where, o.Achievement, "in-progress", "improving", "worsening", "no-change", "achieved",
		"sustaining", "not-achieved", "no-progress", "not-attainable")
	for _, a := range o.Actions {
		k.member(where, a.Who)
		k.day(where, a.DueInDays)
		k.oneOf(where, a.Status, "requested", "in-progress", "completed", "cancelled")
	}
}

func (k *checker) meeting(m Meeting) {
	k.clock("meeting", m.Started)
	k.clock("meeting", m.Ended)
	for _, a := range m.Attendance {
		k.member("attendance", a.Member)
		k.oneOf("attendance", a.Presence, "present", "remote", "excused", "absent")
		there := a.Presence == "present" || a.Presence == "remote"
		k.need(there == (a.Arrived != ""), "attendance %s: hours", a.Member)
	}
	for _, h := range m.Cases {
		p, ok := k.c.Patient(h.Patient)
		k.need(ok, "meeting: unknown patient %q", h.Patient)
		k.clock("meeting", h.Started)
		k.clock("meeting", h.Ended)
		k.decision("meeting "+h.Patient, p, h.Decision)
		k.inCircle("meeting "+h.Patient, p, h.Decision.inCharge())
	}
	for _, d := range m.Deferred {
		_, ok := k.c.Patient(d.Patient)
		k.need(ok, "meeting: unknown patient %q", d.Patient)
	}
}

func (k *checker) decision(where string, p Patient, d Decision) {
	k.member(where, d.Informer)
	k.day(where, d.NextReviewInDays)
	known := func(n int) bool { return n >= 1 && n <= len(p.Plan.Objectives) }
	for _, v := range d.Verdicts {
		k.need(known(v.Objective), "%s: verdict on objective %d", where, v.Objective)
		k.oneOf(where, v.Verdict, "achieved", "progress", "stable", "setback", "abandoned")
	}
	for _, a := range d.Actions {
		k.need(known(a.Objective), "%s: action for objective %d", where, a.Objective)
		k.member(where, a.Who)
	}
	for _, o := range d.NewObjectives {
		k.member(where, o.Who)
	}
	if d.Dissent != nil {
		k.member(where, d.Dissent.By)
	}
}
