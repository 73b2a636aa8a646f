package minutes

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rcp-care/rcp/internal/event"
)

// TestScreensShareOneReading: those who ask together do, and nobody who asks
// after a change, even while the reading from before it goes on.
func TestScreensShareOneReading(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &Service{}
		changed := s.ShareReads()
		k, reads, end := sharedKey{"o", "m", "c"}, 0, make(chan struct{})
		slow := func() (record, error) {
			reads++
			<-end
			return record{decisions: []Decision{{Summary: "avant"}}}, nil
		}
		var work sync.WaitGroup
		for range 15 {
			work.Go(func() { _, _ = s.shared.read(k, time.Now(), slow) })
		}
		synctest.Wait()
		changed([]event.Event{{Meeting: "another"}})
		if reads != 1 || s.shared.reads[k] == nil {
			t.Errorf("%d readings; after another meeting's event: %v", reads, s.shared.reads)
		}
		changed([]event.Event{{Meeting: "m"}})
		r, _ := s.shared.read(k, time.Now(), func() (record, error) { return record{decisions: []Decision{{Summary: "après"}}}, nil })
		if r.decisions[0].Summary != "après" {
			t.Error("a reading begun before the change is shown after it")
		}
		close(end)
		work.Wait()
	})
}

func TestASharedReadingEnds(t *testing.T) {
	t.Parallel()
	s := &Service{}
	changed := s.ShareReads()
	now, reads := time.Now(), 0
	read := func(at time.Time, k sharedKey) {
		_, _ = s.shared.read(k, at, func() (record, error) { reads++; return record{}, nil })
	}
	k := sharedKey{"o", "m", "c"}
	for _, step := range []struct {
		name string
		do   func()
		want int
	}{
		{"twice at once", func() { read(now, k); read(now, k) }, 1},
		{"later", func() { read(now.Add(sharedFor), k) }, 2},
		{"an event of no meeting", func() { changed([]event.Event{{}}); read(now.Add(sharedFor), k) }, 3},
		{"another case", func() { read(now.Add(sharedFor), sharedKey{"o", "m", "d"}) }, 4},
		{"another house", func() { read(now.Add(sharedFor), sharedKey{"p", "m", "c"}) }, 5},
	} {
		if step.do(); reads != step.want {
			t.Errorf("%s: %d readings, want %d", step.name, reads, step.want)
		}
	}
}
