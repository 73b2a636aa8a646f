package agenda

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
)

func TestForeseeNamesTheCasesThatLackSomebody(t *testing.T) {
	t.Parallel()
	comes := func(profession string, role auth.Role, a meetings.Answer) meetings.Attendance {
		return meetings.Attendance{Professional: auth.Professional{Profession: profession}, Role: role, Answer: a}
	}
	full := meetings.Full{
		Meeting: meetings.Meeting{Kind: meetings.Synthese}, Team: meetings.Team{Quorum: meetings.QuorumRule{Required: []string{"medecin"}}},
		Attendance: []meetings.Attendance{
			comes("medecin", auth.Chair, meetings.Accepted), comes("infirmier", auth.Clinician, meetings.Tentative),
			comes("kinesitherapeute", auth.Clinician, meetings.Declined), comes("secretaire", auth.Secretary, meetings.Accepted),
		},
	}
	line := func(c id.Case, s Status) Item { return Item{ID: c, Status: s} }
	g := Agenda{Items: []Item{line("fine", Scheduled), line("walk", Scheduled), line("speech", Scheduled), line("done", Discussed)}, Hidden: 2}
	concerns := []Concern{
		{Case: "fine", Name: "A", Profession: "medecin"},
		{Case: "fine", Name: "B", Profession: "infirmier"},
		{Case: "fine", Name: "S", Profession: "secretaire"},
		{Case: "fine", Name: "Z"},
		{Case: "walk", Name: "C", Profession: "kinesitherapeute"},
		{Case: "walk", Name: "C", Profession: "kinesitherapeute"},
		{Case: "walk", Name: "D", Profession: "kinesitherapeute"},
		{Case: "speech", Name: "E", Profession: "orthophoniste"},
		{Case: "unseen", Name: "C", Profession: "kinesitherapeute"},
	}
	o := foresee(full, g, concerns)
	got := map[id.Case][]Gap{}
	for _, threat := range o.Threats {
		got[threat.ID] = threat.Gaps
	}
	want := map[id.Case][]Gap{
		"walk":   {{Profession: "kinesitherapeute", Who: []string{"C", "D"}, Invited: true}},
		"speech": {{Profession: "orthophoniste", Who: []string{"E"}}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("threats: %s", diff)
	}
	if o.Hidden != 1 || o.Cases != 6 || o.Threatened() != 3 {
		t.Errorf("%d hidden, %d cases, %d threatened; want 1, 6, 3", o.Hidden, o.Cases, o.Threatened())
	}
	if got := o.Professions(); !cmp.Equal(got, []string{"kinesitherapeute", "orthophoniste"}) {
		t.Errorf("professions %q", got)
	}
	full.Attendance[0].Answer = meetings.Declined
	if o := foresee(full, g, nil); o.Threatened() != 6 {
		t.Errorf("without a physician %d cases are threatened, want all 6", o.Threatened())
	}
}
