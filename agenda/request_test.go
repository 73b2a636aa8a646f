package agenda

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
)

// Registration is over from the instant of the cut-off on, also when the clocks
// change between the cut-off and the meeting.
func TestRegistrationIsOverFromTheCutoffOn(t *testing.T) {
	t.Parallel()
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	for name, starts := range map[string]time.Time{
		"winter": time.Date(2026, 11, 26, 14, 30, 0, 0, paris),
		"spring": time.Date(2026, 3, 29, 14, 30, 0, 0, paris), // the night before has 23 hours
		"autumn": time.Date(2026, 10, 25, 14, 30, 0, 0, paris),
		"in it":  time.Date(2026, 10, 26, 2, 30, 0, 0, paris), // the cut-off falls into the hour that comes twice
	} {
		m := meetings.Meeting{Status: meetings.Open, Zone: "Europe/Paris", Starts: starts.UTC(), Cutoff: starts.Add(-24 * time.Hour).UTC()}
		for d, want := range map[time.Duration]bool{-time.Second: false, -time.Microsecond: false, 0: true, time.Second: true} {
			for _, zone := range []*time.Location{time.UTC, paris} {
				if got := RegistrationOver(m, m.Cutoff.Add(d).In(zone)); got != want {
					t.Errorf("%s, %s from the cut-off, in %s: over %t", name, d, zone, got)
				}
			}
		}
		m.Status = meetings.Closed
		if !RegistrationOver(m, m.Cutoff.Add(-time.Hour)) {
			t.Errorf("%s: closed by hand, and not over", name)
		}
	}
}

func TestALateRequestIsLateForThatMeetingAlone(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		r    Request
		want bool
	}{
		{Request{}, false},
		{Request{LateFor: "a"}, true},
		{Request{LateFor: "a", Meeting: "a"}, true},
		{Request{LateFor: "a", Meeting: "b"}, false},
		{Request{Meeting: "b"}, false},
	} {
		if got := c.r.Late(); got != c.want {
			t.Errorf("%+v: late %t", c.r, got)
		}
	}
}

// Whoever waits has a rank of their own, 1 to n; the more urgent stand first,
// and nobody who comes later and is not more urgent moves anybody back.
func TestPlaceInTheQueue(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 12).Draw(t, "n")
		var queue []Queued
		for i := range n {
			queue = append(queue, Queued{
				ID: id.Request(fmt.Sprint("r", i)), Urgency: rapid.SampledFrom(urgencies()).Draw(t, "urgency"),
				At: starts.Add(time.Duration(rapid.IntRange(0, 5).Draw(t, "minute")) * time.Minute),
			})
		}
		ranks := map[int]Queued{}
		for _, q := range queue {
			ranks[Place(queue, q.ID)] = q
		}
		for i := 1; i <= n; i++ {
			q, ok := ranks[i]
			if !ok {
				t.Fatalf("nobody is number %d of %d", i, n)
			}
			if p := ranks[i-1]; i > 1 && slices.Index(urgencies(), p.Urgency) > slices.Index(urgencies(), q.Urgency) {
				t.Fatalf("%s stands before %s", p.Urgency, q.Urgency)
			}
		}
		last := append(slices.Clone(queue), Queued{ID: "z", Urgency: Routine, At: starts.Add(time.Hour)})
		for _, q := range queue {
			if Place(last, q.ID) != Place(queue, q.ID) {
				t.Fatalf("%s is moved by who came last", q.ID)
			}
		}
		if Place(last, "z") != n+1 || Place(queue, "z") != 0 {
			t.Fatal("the last has no rank of its own")
		}
	})
}

func TestTypedTraitsAreCompared(t *testing.T) {
	t.Parallel()
	born := date.New(1934, 3, 2)
	file := careplan.Patient{BirthFamily: "Aubriot", BirthGiven: "Lucienne", UsedFamily: "Dupont-Noël", Sex: careplan.Female, BirthDate: born}
	for _, c := range []struct {
		name string
		t    Traits
		want Likeness
	}{
		{"the same", Traits{"AUBRIOT", "lucienne", born, careplan.Female}, Same},
		{"accents and case", Traits{"àubriôt ", "LUCIENNE", born, ""}, Same},
		{"name in use", Traits{"dupont noel", "Lucienne", born, careplan.SexUnknown}, Same},
		{"another given name", Traits{"Aubriot", "Marie", born, careplan.Female}, Similar},
		{"another sex", Traits{"Aubriot", "Lucienne", born, careplan.Male}, Similar},
		{"the day before", Traits{"Aubriot", "Lucienne", born.AddDays(-1), careplan.Female}, Unlike},
		{"another family", Traits{"Aubrio", "Lucienne", born, careplan.Female}, Unlike},
		{"no family", Traits{"-", "Lucienne", born, careplan.Female}, Unlike},
		{"no day", Traits{"Aubriot", "Lucienne", date.Date{}, careplan.Female}, Unlike},
	} {
		if got := c.t.Like(file); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
	other := file
	other.BirthGiven = "Marie"
	found := Propose(Traits{"Aubriot", "Lucienne", born, ""}, []careplan.Patient{other, {}, file})
	if len(found) != 2 || found[0].Likeness != Same || found[1].Likeness != Similar {
		t.Errorf("proposed %+v", found)
	}
}
