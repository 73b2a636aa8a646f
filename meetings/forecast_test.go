package meetings

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/id"
)

// answer is somebody's line in a forecast test: "medecin:gériatrie" is a
// physician with a specialty, "infirmier" another profession.
func answer(name, profession, specialty string, a Answer) Attendance {
	return Attendance{
		Professional: auth.Professional{ID: id.Professional(name), Family: name, Profession: profession, Specialty: specialty},
		Role:         auth.Clinician, Answer: a,
	}
}

func TestForesee(t *testing.T) {
	t.Parallel()
	secretary := answer("s", "medecin", "radiothérapie", Accepted)
	secretary.Role = auth.Secretary
	sent := answer("a", "infirmier", "", Delegated)
	sent.Delegate = "b"
	excused := answer("i", "infirmier", "", Accepted)
	excused.Presence = Excused
	arrived := answer("i", "infirmier", "", Declined)
	arrived.Presence = Remote
	onco, geri := answer("o", "medecin", "oncologie", Accepted), answer("g", "medecin", "gériatrie", Accepted)
	radio := func(a Answer) Attendance { return answer("r", "medecin", "radiothérapie", a) }
	synthese := QuorumRule{MinProfessions: 2, Required: []string{"infirmier", "medecin"}}
	cases := map[string]struct {
		kind             Kind
		rule             QuorumRule
		who              []Attendance
		state            QuorumState
		missing, hanging []string
	}{
		"three specialties come": {RCP, QuorumRule{}, []Attendance{onco, geri, radio(Accepted)}, QuorumReached, nil, nil},
		"the third hangs":        {RCP, QuorumRule{}, []Attendance{onco, geri, radio(Tentative)}, QuorumUnknown, nil, []string{NeedSpecialties}},
		"the third is silent":    {RCP, QuorumRule{}, []Attendance{onco, geri, radio(NeedsAction)}, QuorumUnknown, nil, []string{NeedSpecialties}},
		"the third declined":     {RCP, QuorumRule{}, []Attendance{onco, geri, radio(Declined)}, QuorumNotReached, []string{NeedSpecialties}, nil},
		"one physician is one specialty": {
			RCP, QuorumRule{}, []Attendance{onco, geri, answer("h", "medecin", " Gériatrie", Accepted)}, QuorumNotReached, []string{NeedSpecialties}, nil,
		},
		"a secretary never counts": {RCP, QuorumRule{}, []Attendance{onco, geri, secretary}, QuorumNotReached, []string{NeedSpecialties}, nil},
		"required ones come":       {Synthese, synthese, []Attendance{geri, answer("i", "infirmier", "", Accepted)}, QuorumReached, nil, nil},
		"a required one declined":  {Synthese, synthese, []Attendance{geri, answer("i", "infirmier", "", Declined), answer("k", "psychologue", "", Accepted)}, QuorumNotReached, []string{"infirmier"}, nil},
		"a required one hangs":     {Synthese, synthese, []Attendance{geri, answer("i", "infirmier", "", Tentative), answer("k", "psychologue", "", Accepted)}, QuorumUnknown, nil, []string{"infirmier"}},
		"another of hers comes":    {Synthese, synthese, []Attendance{geri, answer("i", "infirmier", "", Declined), answer("j", "infirmier", "", Accepted)}, QuorumReached, nil, nil},
		"nobody invited":           {Synthese, synthese, nil, QuorumNotReached, []string{NeedProfessions, "infirmier", "medecin"}, nil},
		"who delegated is not there": {
			Synthese, synthese, []Attendance{geri, sent, answer("b", "psychologue", "", Accepted)}, QuorumNotReached, []string{"infirmier"}, nil,
		},
		"the delegate counts": {
			Synthese, synthese, []Attendance{geri, sent, answer("b", "infirmier", "", Accepted)}, QuorumReached, nil, nil,
		},
		"the delegate is silent": {
			Synthese, synthese, []Attendance{geri, sent, answer("b", "infirmier", "", NeedsAction)}, QuorumUnknown, nil, []string{NeedProfessions, "infirmier"},
		},
		"excused after a yes":   {Synthese, synthese, []Attendance{geri, excused}, QuorumNotReached, []string{NeedProfessions, "infirmier"}, nil},
		"there after a refusal": {Synthese, synthese, []Attendance{geri, arrived}, QuorumReached, nil, nil},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := Foresee(c.kind, c.rule, c.who)
			if o.State != c.state || !cmp.Equal(o.Missing, c.missing) || !cmp.Equal(o.Hanging, c.hanging) {
				t.Errorf("%s, missing %q, hanging %q; want %s, %q, %q", o.State, o.Missing, o.Hanging, c.state, c.missing, c.hanging)
			}
			if q := Forecast(c.kind, c.rule, c.who); q.State != c.state {
				t.Errorf("Forecast says %s", q.State)
			}
		})
	}
}

func TestForeseeListsProfessionsInTheirOrderAndTheRequiredOnesAlways(t *testing.T) {
	t.Parallel()
	o := Foresee(Synthese, QuorumRule{Required: []string{"pharmacien"}}, []Attendance{
		answer("k", "kinesitherapeute", "", Tentative), answer("i", "infirmier", "", NeedsAction), answer("g", "medecin", "gériatrie", Declined),
		answer("h", "medecin", "", Accepted),
	})
	var keys []string
	for _, e := range o.Professions {
		keys = append(keys, e.Key)
	}
	if want := []string{"medecin", "pharmacien", "infirmier", "kinesitherapeute"}; !cmp.Equal(keys, want) {
		t.Errorf("professions %q, want %q", keys, want)
	}
	if e := o.Profession("pharmacien"); !e.Required || !e.Nobody() {
		t.Errorf("the required pharmacist: %+v", e)
	}
	if e := o.Profession("medecin"); len(e.Yes) != 1 || len(e.No) != 1 || len(e.Maybe) != 0 {
		t.Errorf("physicians: %+v", e)
	}
	if len(o.Specialties) != 1 || o.Specialties[0].Key != "gériatrie" || len(o.Specialties[0].No) != 1 {
		t.Errorf("specialties: %+v", o.Specialties)
	}
	if o.Awaited != 1 || o.Undecided != 1 {
		t.Errorf("%d awaited, %d undecided; want 1, 1", o.Awaited, o.Undecided)
	}
}

func TestSubstitutesAreOfTheNeedTheTeamsOwnFirst(t *testing.T) {
	t.Parallel()
	nurse := func(name string) auth.Professional {
		return auth.Professional{ID: id.Professional(name), Family: name, Profession: "infirmier"}
	}
	team := Team{Members: []Member{{Professional: nurse("z")}, {Professional: nurse("gone"), Left: date.New(2026, 1, 1)}}}
	all := []auth.Professional{nurse("a"), nurse("gone"), nurse("z"), {ID: "p", Profession: "psychologue"}}
	got := relieve(team, Outlook{}, []string{"infirmier", "infirmier", "pharmacien"}, all)
	if len(got) != 1 || len(got[0].Who) != 3 || got[0].Who[0].ID != "z" || !got[0].Who[0].Member || got[0].Who[2].Member {
		t.Errorf("got %+v", got)
	}
	o := Foresee(RCP, QuorumRule{}, []Attendance{answer("g", "medecin", "gériatrie", Accepted), answer("o", "medecin", "oncologie", Declined)})
	for specialty, want := range map[string]bool{"Gériatrie": false, "oncologie": true, "radiothérapie": true, "": false} {
		if got := o.fills(NeedSpecialties, physicianOf(specialty)); got != want {
			t.Errorf("%q would add a specialty: %v", specialty, got)
		}
	}
}

func TestSubstitutesForASpecialtyAreThoseWantedThenVaried(t *testing.T) {
	t.Parallel()
	o := Foresee(RCP, QuorumRule{}, []Attendance{answer("r", "medecin", "radiologie", Declined)})
	var all []auth.Professional
	for _, p := range []string{"a", "b", "c", "d"} {
		all = append(all, auth.Professional{ID: id.Professional(p), Family: p, Profession: "medecin", Specialty: "médecine générale"})
	}
	all[3].Specialty = "Radiologie"
	var got []id.Professional
	for _, w := range relieve(Team{}, o, []string{NeedSpecialties}, all)[0].Who {
		got = append(got, w.ID)
	}
	if want := []id.Professional{"d", "a", "b"}; !cmp.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestOtherDatesAreOpenDaysWhenThoseRequiredAreFree(t *testing.T) {
	t.Parallel()
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	at := func(day, hour, minute int) time.Time {
		return time.Date(2026, time.November, day, hour, minute, 0, 0, paris)
	}
	m := Meeting{Starts: at(5, 14, 30), Ends: at(5, 16, 0), Zone: "Europe/Paris"} // Thursday
	off := NoMeeting("metropole", nil)                                            // Wednesday 11 is a holiday
	booked := []Booking{{Meeting: Meeting{Starts: at(6, 15, 0), Ends: at(6, 17, 0)}}, {Meeting: Meeting{Starts: at(9, 16, 0), Ends: at(9, 17, 0)}}}
	var got []string
	for _, f := range freeFrom(m, date.New(2026, 11, 6), off, booked) {
		got = append(got, f.Starts.Format("02 15:04")+f.Ends.Format("-15:04"))
	}
	if want := []string{"09 14:30-16:00", "10 14:30-16:00", "12 14:30-16:00"}; !cmp.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	var always []Booking // somebody is never free in the afternoon
	for day := 6; day <= 21; day++ {
		always = append(always, Booking{Meeting: Meeting{Starts: at(day, 9, 15), Ends: at(day, 19, 0)}})
	}
	if got := freeFrom(m, date.New(2026, 11, 6), off, always); len(got) != 0 {
		t.Errorf("an hour and a quarter before is found for an hour and a half: %v", got)
	}
	m.Ends = at(5, 15, 30)
	if got := freeFrom(m, date.New(2026, 11, 6), off, always); len(got) != 3 || !got[0].Starts.Equal(at(6, 8, 0)) {
		t.Errorf("other hours: %v", got)
	}
}

func TestARequiredMemberMakesADate(t *testing.T) {
	t.Parallel()
	a, b := answer("a", "medecin", "", Declined), answer("b", "infirmier", "", Accepted)
	c := answer("c", "psychologue", "", Accepted)
	secretary := answer("s", "secretaire", "", Accepted)
	secretary.Role = auth.Secretary
	full := Full{Attendance: []Attendance{a, b, c, secretary}}
	if got := full.needed(); len(got) != 3 {
		t.Errorf("nobody is required: %q", got)
	}
	full.Team.Quorum.Required, full.Attendance[1].Required = []string{"medecin"}, true
	if got := full.needed(); !cmp.Equal(got, []id.Professional{"a", "b"}) {
		t.Errorf("needed %q", got)
	}
}
