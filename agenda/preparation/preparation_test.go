package preparation

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rcp-care/rcp/agenda"
	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
)

// monday is the day of the meeting, after the clocks changed in Paris on Sunday
// 25 October 2026; it starts at 00:30 there, on Sunday in UTC.
var (
	monday  = date.New(2026, 10, 26)
	starts  = time.Date(2026, 10, 25, 23, 30, 0, 0, time.UTC)
	written = time.Date(2026, 10, 24, 22, 30, 0, 0, time.UTC) // Sunday, half past midnight in summer time
)

func member(p id.Professional, profession string, role auth.Role) meetings.Member {
	return meetings.Member{
		Professional: auth.Professional{ID: p, Given: "Ida", Family: string(p), Profession: profession}, Role: role, Joined: date.New(2026, 1, 1),
	}
}

// ready is a case that lacks nothing.
func ready(t *testing.T, change func(*Case)) Case {
	t.Helper()
	kine := member("kine", "kinesitherapeute", auth.Clinician)
	full := meetings.Full{
		Meeting:    meetings.Meeting{Zone: "Europe/Paris", Starts: starts, Status: meetings.Open},
		Team:       meetings.Team{Members: []meetings.Member{kine, member("odile", "secretaire", auth.Secretary)}},
		Attendance: []meetings.Attendance{{Professional: kine.Professional, Answer: meetings.Accepted}},
	}
	l := agenda.Item{Status: agenda.Scheduled, Question: "Canne ?", Patient: careplan.Patient{
		Sharing: careplan.SharingAgreed, SharingOn: monday, Identity: careplan.Qualified,
	}}
	c := newCase(l, Facts{
		Followed: "plan", PlanEnd: monday, ReferentID: "kine", ReferentName: "Ida kine", Circle: []id.Professional{"kine"},
		Aims:          []Aim{{Domain: "respiration", Owner: "kine", Profession: "kinesitherapeute"}},
		Contributions: []Contribution{{Professional: kine.Professional, Profession: "kinesitherapeute", Text: "Oui", WrittenAt: written}},
	}, full)
	if change != nil {
		change(&c)
	}
	return c
}

func TestACaseIsReadyOnTheBoundaryDay(t *testing.T) {
	t.Parallel()
	if r := Ready(ready(t, nil)); !r.Ready() || len(r) != 6 {
		t.Fatalf("not ready: %+v", r.Left())
	}
	for name, test := range map[string]struct {
		change func(*Case)
		left   Need // "": ready all the same
		how    string
		text   string
	}{
		"no question":                      {func(c *Case) { c.Question = "" }, NeedQuestion, "", "Poser la question à la réunion"},
		"a question by request":            {func(c *Case) { c.Question, c.Requests = "", []Request{{By: "kine", ByName: "Ida kine", Question: "Q"}} }, "", "", ""},
		"a question in the summary":        {func(c *Case) { c.Question, c.ISBAR.Recommendation = "", "Q" }, "", "", ""},
		"the plan ended the day before":    {func(c *Case) { c.PlanEnd = monday.AddDays(-1) }, NeedPlan, "ended", "Renouveler le plan, fini le 25/10/2026"},
		"the plan has no end":              {func(c *Case) { c.PlanEnd = date.Date{} }, "", "", ""},
		"no plan":                          {func(c *Case) { c.Followed = "" }, NeedPlan, "none", "Établir un plan"},
		"no objective":                     {func(c *Case) { c.Aims = nil }, NeedPlan, "empty", "Donner un objectif au plan"},
		"asked and not written":            {func(c *Case) { c.Contributions[0].WrittenAt = time.Time{} }, NeedContributions, "", "0 avis sur 1"},
		"nobody asked":                     {func(c *Case) { c.Contributions = nil }, NeedContributions, "", "0 avis sur 1"},
		"the only one left the day before": {func(c *Case) { c.Contributions, c.Full.Team.Members[0].Left = nil, monday.AddDays(-1) }, "", "", ""},
		"the only one leaves that day":     {func(c *Case) { c.Contributions, c.Full.Team.Members[0].Left = nil, monday }, NeedContributions, "", "0 avis sur 1"},
		"the only one joins the day after": {func(c *Case) { c.Contributions, c.Full.Team.Members[0].Joined = nil, monday.AddDays(1) }, "", "", ""},
		"agreed the day after":             {func(c *Case) { c.Patient.SharingOn = monday.AddDays(1) }, NeedAgreement, "", "Tracer l’accord du patient"},
		"agreed, the day unknown":          {func(c *Case) { c.Patient.SharingOn = date.Date{} }, "", "", ""},
		"agreement unknown":                {func(c *Case) { c.Patient.Sharing = careplan.SharingUnknown }, NeedAgreement, "", "Tracer l’accord du patient"},
		"opposed":                          {func(c *Case) { c.Patient.Sharing = careplan.SharingOpposed }, NeedAgreement, "opposed", "Le patient s’oppose au partage\u00a0: ne pas discuter"},
		"identity provisional":             {func(c *Case) { c.Patient.Identity = careplan.Provisional }, NeedIdentity, "PROV", "Vérifier l’identité sur un document"},
		"identity retrieved":               {func(c *Case) { c.Patient.Identity = careplan.Retrieved }, NeedIdentity, "RECUP", "Vérifier l’identité sur un document"},
		"identity validated":               {func(c *Case) { c.Patient.Identity = careplan.Validated }, "", "", ""},
		"nobody presents":                  {func(c *Case) { c.ReferentID, c.ReferentName = "", "" }, NeedPresenter, "none", "Dire qui présente le dossier"},
		"the presenter is only named":      {func(c *Case) { c.ReferentID = "" }, "", "", ""},
		"the presenter declines":           {func(c *Case) { c.Full.Attendance[0].Answer = meetings.Declined }, NeedPresenter, "declined", "Ida kine ne vient pas\u00a0: dire qui présente"},
		"the presenter has not answered":   {func(c *Case) { c.Full.Attendance[0].Answer = meetings.NeedsAction }, NeedPresenter, "unanswered", "Ida kine présente\u00a0: réponse attendue"},
		"declined, and came": {func(c *Case) {
			c.Full.Attendance[0].Answer, c.Full.Attendance[0].Presence = meetings.Declined, meetings.Present
		}, "", "", ""},
		"the presenter is not invited": {func(c *Case) { c.Full.Attendance = nil }, NeedPresenter, "not-invited", "Ida kine présente\u00a0: à inviter"},
		"another is wished":            {func(c *Case) { c.Requests = []Request{{By: "kine", ByName: "Ida kine", Wished: "x", WishedName: "Y"}} }, NeedPresenter, "not-invited", "Y présente\u00a0: à inviter"},
	} {
		left := Ready(ready(t, test.change)).Left()
		switch {
		case test.left == "" && len(left) == 0:
		case len(left) != 1 || left[0].Need != test.left:
			t.Errorf("%s: left %+v, want %q", name, left, test.left)
		case left[0].Text("fr") != test.text || test.left != NeedContributions && left[0].How != test.how:
			t.Errorf("%s: %q (%s), want %q (%s)", name, left[0].Text("fr"), left[0].How, test.text, test.how)
		}
	}
}

func TestDatesAreThoseOfTheTeam(t *testing.T) {
	t.Parallel()
	c := ready(t, func(c *Case) { c.Requests = []Request{{By: "kine", ByName: "Ida kine", At: written}} })
	if c.Day != monday {
		t.Errorf("the meeting's day is %v", c.Day)
	}
	if l := question(c); l.On != date.New(2026, 10, 25) {
		t.Errorf("asked on %v, on the night the clocks change", l.On)
	}
}

func TestTheProfessionsConcernedFollowFromTheObjectives(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		aims     []Aim
		required []string
		want     []string
	}{
		"none":                  {nil, nil, nil},
		"by the domain":         {[]Aim{{Domain: "Mobilité"}}, nil, []string{"kinesitherapeute", "ergotherapeute"}},
		"by a longer name":      {[]Aim{{Domain: "Nutrition et hydratation"}}, nil, []string{"dieteticien"}},
		"by who is in charge":   {[]Aim{{Domain: "autre chose", Profession: "psychologue"}}, nil, []string{"psychologue"}},
		"by the quorum":         {nil, []string{"medecin"}, []string{"medecin"}},
		"each once, in order":   {[]Aim{{Domain: "soins"}, {Domain: "traitement", Profession: "infirmier"}}, []string{"infirmier"}, []string{"pharmacien", "infirmier"}},
		"never the secretariat": {[]Aim{{Profession: "secretaire"}, {Profession: "autre"}, {Profession: ""}}, nil, nil},
	} {
		if diff := cmp.Diff(test.want, Concerned(test.aims, test.required)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestNobodyIsExpectedWhoMayNotSeeThePatient(t *testing.T) {
	t.Parallel()
	c := ready(t, func(c *Case) { c.Contributions, c.Circle = nil, nil })
	all, unreached := c.Expected()
	if len(all) != 0 || !cmp.Equal(unreached, []string{"kinesitherapeute"}) {
		t.Errorf("expected %+v, unreached %v", all, unreached)
	}
	c = ready(t, func(c *Case) {
		other := member("owner", "kinesitherapeute", auth.Chair)
		c.Contributions, c.Full.Team.Members = nil, append(c.Full.Team.Members, other)
		c.Aims[0].Owner = "owner"
	})
	if all, _ = c.Expected(); len(all) != 1 || len(all[0].Could) != 2 || all[0].Could[0].ID != "owner" {
		t.Errorf("who is in charge comes first: %+v", all)
	}
}

func TestTheSummaryBeginsWithTheRequest(t *testing.T) {
	t.Parallel()
	asked := Request{Question: "Et l’insuline ?", ISBAR: agenda.ISBAR{Situation: "Deux hypoglycémies"}}
	c := ready(t, func(c *Case) { c.Question, c.Requests = "", []Request{asked} })
	if got := c.Summary(); got.Situation != "Deux hypoglycémies" || got.Recommendation != "Et l’insuline ?" || got.Version != 0 {
		t.Errorf("%+v", got)
	}
	c.ISBAR = ISBAR{Version: 1}
	if got := c.Summary(); !got.Empty() {
		t.Errorf("emptied by somebody, it is filled again: %+v", got)
	}
}

func TestTheChecklistCountsOnlyWhenThePlanHasOne(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		checks []Check
		want   Line
	}{
		"no protocol": {nil, Line{}},
		"nothing yet": {[]Check{{Line: "Poids"}}, Line{Need: NeedChecklist, Of: 1}},
		"all but one": {[]Check{{Line: "Poids", Done: true}, {Line: "Vue"}}, Line{Need: NeedChecklist, Of: 2, Count: 1}},
		"everything":  {[]Check{{Line: "Poids", Done: true}}, Line{Need: NeedChecklist, Of: 1, Count: 1, Done: true}},
	} {
		got := checklist(Case{Facts: Facts{Checks: tt.checks}})
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		listed := slices.ContainsFunc(Ready(Case{Facts: Facts{Checks: tt.checks}}), func(l Line) bool { return l.Need == NeedChecklist })
		if listed != (len(tt.checks) > 0) {
			t.Errorf("%s: listed is %v", name, listed)
		}
	}
}
