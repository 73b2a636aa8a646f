package meetings_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
)

// TestWrittenOpinionsCompleteTheRoom: at 15:00 two physicians of different
// specialties are in the room, and others wrote.
func TestWrittenOpinionsCompleteTheRoom(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 26, 14, 0, 0, 0, time.UTC)
	who := func(name id.Professional, profession, specialty string, p meetings.Presence) meetings.Attendance {
		return meetings.Attendance{Role: auth.Clinician, Presence: p, Professional: auth.Professional{
			ID: name, Given: "Dr", Family: string(name), Profession: profession, Specialty: specialty,
		}}
	}
	present, absent := meetings.Present, meetings.Absent
	room := []meetings.Attendance{who("onco", "medecin", "oncologie", present), who("chir", "medecin", "chirurgie", present)}
	radio, geria, onco2 := who("radio", "medecin", "radiologie", absent), who("geria", "medecin", "gériatrie", absent), who("onco2", "medecin", "oncologie", absent)
	clerk := who("clerk", "medecin", "radiologie", absent)
	clerk.Role = auth.Secretary
	wrote := func(t time.Time, names ...id.Professional) (all []meetings.Opinion) {
		for _, n := range names {
			all = append(all, meetings.Opinion{Professional: n, At: t})
		}
		return all
	}
	rcp, accepts := meetings.RCP, meetings.QuorumRule{MinSpecialties: 3, Written: true}
	for name, test := range map[string]struct {
		kind     meetings.Kind
		rule     meetings.QuorumRule
		who      []meetings.Attendance
		opinions []meetings.Opinion
		state    meetings.QuorumState
		written  []string
	}{
		"at that very moment":       {rcp, accepts, append(room, radio), wrote(at, "radio"), meetings.QuorumReached, []string{"Dr radio"}},
		"a microsecond too late":    {rcp, accepts, append(room, radio), wrote(at.Add(time.Microsecond), "radio"), meetings.QuorumNotReached, nil},
		"not accepted by the team":  {rcp, meetings.QuorumRule{MinSpecialties: 3}, append(room, radio), wrote(at, "radio"), meetings.QuorumNotReached, nil},
		"of a specialty there":      {rcp, accepts, append(room, onco2), wrote(at, "onco2"), meetings.QuorumNotReached, nil},
		"only as many as needed":    {rcp, accepts, append(room, geria, radio), wrote(at, "geria", "radio"), meetings.QuorumReached, []string{"Dr geria"}},
		"one specialty in the room": {rcp, accepts, append(room[:1:1], geria, radio), wrote(at, "geria", "radio"), meetings.QuorumNotReached, nil},
		"of somebody not invited":   {rcp, accepts, room, wrote(at, "radio"), meetings.QuorumNotReached, nil},
		"of a secretary":            {rcp, accepts, append(room, clerk), wrote(at, "clerk"), meetings.QuorumNotReached, nil},
		"nobody's presence noted": {
			rcp, accepts, []meetings.Attendance{who("a", "medecin", "a", ""), who("b", "medecin", "b", "")}, wrote(at, "a", "b"), meetings.QuorumUnknown, nil,
		},
		"a required profession": {
			meetings.Synthese,
			meetings.QuorumRule{MinProfessions: 2, Required: []string{"pharmacien"}, Written: true},
			append(room[:1:1], who("inf", "infirmier", "", present), who("pharma", "pharmacien", "", absent)), wrote(at, "pharma"), meetings.QuorumReached,
			[]string{"Dr pharma"},
		},
		"one profession in the room": {
			meetings.Synthese,
			meetings.QuorumRule{MinProfessions: 2, Written: true},
			append(room[:2:2], who("pharma", "pharmacien", "", absent)), wrote(at, "pharma"), meetings.QuorumNotReached, nil,
		},
		"complete without any": {
			rcp, accepts, append(room, who("radio", "medecin", "radiologie", present)), wrote(at, "radio"), meetings.QuorumReached, nil,
		},
	} {
		q := meetings.Judge(test.kind, test.rule, test.who, at, test.opinions...)
		if q.State != test.state || !cmp.Equal(q.Written, test.written) {
			t.Errorf("%s: %+v, want %s by %v", name, q, test.state, test.written)
		}
	}
}
