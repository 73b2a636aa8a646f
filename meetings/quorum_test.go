package meetings

import (
	"testing"
	"time"

	"github.com/rcp-care/rcp/internal/auth"
)

func physicianOf(specialty string) auth.Professional {
	return auth.Professional{Profession: "medecin", Specialty: specialty}
}

func there(all ...auth.Professional) []Attendance {
	var out []Attendance
	for _, p := range all {
		out = append(out, Attendance{Professional: p, Role: auth.Clinician, Presence: Present})
	}
	return out
}

func TestJudgeRCPNeedsThreeSpecialtiesOnePhysicianOneSpecialty(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 26, 14, 0, 0, 0, time.UTC)
	onco, geri, radio := physicianOf("oncologie médicale"), physicianOf("gériatrie"), physicianOf("radiothérapie")
	secretary := Attendance{Professional: radio, Role: auth.Secretary, Presence: Present}
	late := Attendance{Professional: radio, Presence: Present, Arrived: at.Add(time.Minute)}
	gone := Attendance{Professional: radio, Presence: Remote, Left: at}
	cases := map[string]struct {
		who  []Attendance
		want QuorumState
	}{
		"three specialties":                  {there(onco, geri, radio), QuorumReached},
		"two of one specialty count once":    {there(onco, geri, physicianOf("Gériatrie ")), QuorumNotReached},
		"a nurse is no specialty":            {there(onco, geri, auth.Professional{Profession: "infirmier", Specialty: "x"}), QuorumNotReached},
		"a secretary never counts":           {append(there(onco, geri), secretary), QuorumNotReached},
		"not arrived yet":                    {append(there(onco, geri), late), QuorumNotReached},
		"left at that minute":                {append(there(onco, geri), gone), QuorumNotReached},
		"nobody's presence noted is unknown": {[]Attendance{{Professional: onco}}, QuorumUnknown},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := Judge(RCP, QuorumRule{MinSpecialties: 1}, c.who, at); got.State != c.want {
				t.Errorf("state %s, want %s: %+v", got.State, c.want, got)
			}
		})
	}
}

func TestJudgeSyntheseNeedsItsRequiredProfessions(t *testing.T) {
	t.Parallel()
	rule := QuorumRule{MinProfessions: 3, Required: []string{"medecin", "infirmier"}}
	doctor, nurse := physicianOf("gériatrie"), auth.Professional{Profession: "infirmier"}
	social, physio := auth.Professional{Profession: "assistant-social"}, auth.Professional{Profession: "kinesitherapeute"}
	if q := Judge(Synthese, rule, there(doctor, nurse, social), time.Now()); q.State != QuorumReached {
		t.Errorf("complete: %+v", q)
	}
	q := Judge(Synthese, rule, there(doctor, social, physio), time.Now())
	if q.State != QuorumNotReached || len(q.Missing) != 1 || q.Missing[0] != "infirmier" {
		t.Errorf("without a nurse: %+v", q)
	}
}

func TestForecastIsUnknownWhileAnswersAreMissing(t *testing.T) {
	t.Parallel()
	rule := QuorumRule{Required: []string{"infirmier"}}
	nurse := Attendance{Professional: auth.Professional{Profession: "infirmier"}, Answer: NeedsAction}
	for answer, want := range map[Answer]QuorumState{
		NeedsAction: QuorumUnknown, Tentative: QuorumUnknown, Declined: QuorumNotReached, Accepted: QuorumReached,
	} {
		nurse.Answer = answer
		if q := Forecast(Synthese, rule, []Attendance{nurse}); q.State != want {
			t.Errorf("%s: %s, want %s", answer, q.State, want)
		}
	}
}
