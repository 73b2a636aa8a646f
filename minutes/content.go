package minutes

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/rcp-care/rcp/agenda"
	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
)

// state is a meeting as its minutes are built from it.
type state struct {
	org       auth.Org
	head      meetings.Letterhead
	full      meetings.Full
	items     []agenda.Item
	decisions []Decision
	opinions  map[id.Case][]meetings.Opinion
	files     map[id.Patient]careplan.File
}

// read reads everything the minutes of a meeting say.
func (s *Service) read(ctx context.Context, full meetings.Full) (state, error) {
	st := state{full: full}
	org, m := full.Meeting.Org, full.Meeting.ID
	var err error
	if st.org, err = s.store.OrgByID(ctx, org); err != nil {
		return st, err
	}
	if st.head, err = s.store.Letterhead(ctx, org, full.Meeting.Team); err != nil {
		return st, err
	}
	if st.items, err = s.store.AgendaItems(ctx, org, m); err != nil {
		return st, err
	}
	if st.decisions, err = s.store.Decisions(ctx, org, m); err != nil {
		return st, err
	}
	if st.opinions, err = s.store.Opinions(ctx, org, m); err != nil {
		return st, err
	}
	var ids []id.Patient
	for _, l := range st.items {
		ids = append(ids, l.Patient.ID)
	}
	st.files, err = s.store.TeamFiles(ctx, org, full.Meeting.Team, ids)
	return st, err
}

// notReached are the scheduled lines that were not discussed: carried over.
func (st state) notReached() []agenda.Item {
	var all []agenda.Item
	for _, l := range st.items {
		if l.AsItMay().Status == agenda.Scheduled && !l.Standard {
			l.Status, l.DeferWhy, l.Position, l.Pinned = agenda.Deferred, "time", 0, false
			all = append(all, l)
		}
	}
	return all
}

// again are the lines that an RCP discussed without its quorum: carried over to
// the next meeting with their request, since no opinion was given (HAS DPC sheet
// 2014). Their sheet stays in the minutes.
func (st state) again(c Content) []agenda.Item {
	var all []agenda.Item
	for _, k := range c.Cases {
		if !k.Again(c.Kind) {
			continue
		}
		i := slices.IndexFunc(st.items, func(l agenda.Item) bool { return l.ID == k.Case })
		l := st.items[i]
		l.Status, l.DeferWhy, l.Position, l.Pinned = agenda.Deferred, "quorum", 0, false
		all = append(all, l)
	}
	return all
}

// Again reports whether a case is to be presented again: an RCP discussed it
// without its quorum. One registered without discussion needs none.
func (k Case) Again(kind meetings.Kind) bool {
	return kind == meetings.RCP && !k.Standard && k.Decision.Quorum.State != meetings.QuorumReached
}

// content builds the unsigned content: a pure function of the state.
func (st state) content() Content {
	m := st.full.Meeting
	c := Content{
		Org: st.org.Name, FINESS: st.org.FINESS, Letterhead: st.org.Letterhead, Team: st.full.Team.Name, TeamID: m.Team,
		Kind: m.Kind, Meeting: m.ID, Starts: m.Starts.UTC(), Ends: m.Ends.UTC(), Zone: m.Zone, Room: m.Room, Version: 1,
		Training: st.full.Team.Training,
	}
	if len(st.head.Lines) > 0 {
		c.Letterhead = st.head.Lines
	}
	c.Logo = Logo{SHA256: st.head.Logo.SHA256, Width: st.head.Logo.Width, Height: st.head.Logo.Height}
	if !m.Started.IsZero() {
		c.Starts = m.Started.UTC()
	}
	if !m.HeldAt.IsZero() {
		c.Ends = m.HeldAt.UTC()
	}
	c.Participants = participants(st.full.Attendance)
	for _, l := range st.discussed() {
		c.Cases = append(c.Cases, st.sheet(l))
	}
	for _, l := range st.registered() {
		c.Cases = append(c.Cases, st.standard(l))
	}
	for _, l := range st.items {
		if l.Status == agenda.Deferred {
			c.Deferred = append(c.Deferred, carried(l))
		}
	}
	for _, l := range st.notReached() {
		c.Deferred = append(c.Deferred, carried(l))
	}
	return c
}

// discussed are the lines discussed, in the order of the agenda.
func (st state) discussed() []agenda.Item {
	var all []agenda.Item
	for _, l := range st.items {
		if l.Status == agenda.Discussed && !l.Standard {
			all = append(all, l)
		}
	}
	slices.SortStableFunc(all, func(a, b agenda.Item) int { return cmp.Compare(a.Position, b.Position) })
	return all
}

func carried(l agenda.Item) Carried {
	return Carried{
		Patient: l.Patient.ID, BirthFamily: l.Patient.BirthFamily, BirthGiven: l.Patient.BirthGiven,
		Why: agenda.DeferText(l.DeferWhy, "fr"),
	}
}

// sheet is one patient's part, complete without anything around it.
func (st state) sheet(l agenda.Item) Case {
	p := l.Patient
	plan := planOf(st.files[p.ID], l.Plan)
	c := Case{
		Case: l.ID, Patient: p.ID, BirthFamily: p.BirthFamily, BirthGiven: p.BirthGiven, UsedFamily: p.UsedFamily,
		UsedGiven: p.UsedGiven, Sex: p.Sex, BirthDate: p.BirthDate, BirthPlace: p.BirthPlace, IPP: p.IPP, Identity: p.Identity,
		Referent: l.Referent, PlanTitle: plan.Title, Question: l.Question,
	}
	if p.Identity == careplan.Qualified {
		c.INS, c.INSOID = p.INS.Matricule, p.INS.OID
	}
	for _, e := range plan.Expectations {
		c.Expectations = append(c.Expectations, e.Text)
	}
	for _, r := range l.Reasons {
		c.Reasons = append(c.Reasons, r.Text("fr"))
	}
	c.Decision = st.decision(l, plan)
	return c
}

func (st state) decision(l agenda.Item, plan careplan.Plan) Decision {
	r := record{line: l, full: st.full, file: st.files[l.Patient.ID], decisions: st.decisions, opinions: st.opinions[l.ID]}
	d, known := r.known()
	if !known {
		d = Decision{Case: l.ID, Meeting: l.Meeting, Patient: l.Patient.ID, Plan: plan.ID}
	}
	if !known || d.Quorum.State == meetings.QuorumUnknown {
		d.Quorum = r.judge(r.moment(st.full.Meeting.HeldAt))
	}
	d.Objectives = withOpen(d.Objectives, r.file, d.Plan)
	return d
}

func participants(all []meetings.Attendance) []Participant {
	out := make([]Participant, 0, len(all))
	for _, a := range all {
		p := Participant{
			Name: a.Professional.Name(), Profession: meetings.ProfessionName(a.Professional.Profession, "fr"),
			Specialty: a.Professional.Specialty, RPPS: a.Professional.RPPS, Role: string(a.Role), Presence: a.Presence,
		}
		if !a.Arrived.IsZero() {
			p.Arrived = a.Arrived.UTC()
		}
		if !a.Left.IsZero() {
			p.Left = a.Left.UTC()
		}
		out = append(out, p)
	}
	return out
}

// patientsOf are the patients that a content names.
func patientsOf(c Content) []id.Patient {
	var ids []id.Patient
	for _, k := range c.Cases {
		ids = append(ids, k.Patient)
	}
	for _, d := range c.Deferred {
		ids = append(ids, d.Patient)
	}
	return ids
}

// narrow returns the content with only the patients that may be seen; the
// reason of a correction, which may name another, goes when any is hidden.
func narrow(c Content, sees func(id.Patient) bool) Content {
	hidden := len(patientsOf(c))
	c.Cases = slices.DeleteFunc(slices.Clone(c.Cases), func(k Case) bool { return !sees(k.Patient) })
	c.Deferred = slices.DeleteFunc(slices.Clone(c.Deferred), func(d Carried) bool { return !sees(d.Patient) })
	if len(patientsOf(c)) < hidden {
		c.ReplacesWhy = ""
	}
	return c
}

// day is the meeting's local day.
func (c Content) day() date.Date { return date.Of(c.Starts.In(c.location())) }

func (c Content) location() *time.Location { return meetings.Meeting{Zone: c.Zone}.Location() }
