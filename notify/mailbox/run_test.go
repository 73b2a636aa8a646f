package mailbox

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// fakeBox fails as it is told: 'p' in Poll, 'P' with a panic there, 'w' in
// Wait, 'W' with a panic there.
type fakeBox struct {
	script []byte
	start  time.Time
	polls  []time.Duration // when, since the start
}

func (f *fakeBox) now() byte {
	if n := len(f.polls) - 1; n < len(f.script) {
		return f.script[n]
	}
	return '.'
}

func (f *fakeBox) Poll(context.Context, Handler) (int, error) {
	f.polls = append(f.polls, time.Since(f.start))
	switch f.now() {
	case 'p':
		return 0, errors.New("poll failed")
	case 'P':
		panic("poll")
	}
	return 0, nil
}

func (f *fakeBox) Wait(ctx context.Context, most time.Duration) error {
	switch f.now() {
	case 'w':
		return errors.New("wait failed")
	case 'W':
		panic("wait")
	}
	pause(ctx, most)
	return nil
}

func (f *fakeBox) Close() error { return nil }

func TestRunGoesOnWhateverFails(t *testing.T) {
	t.Parallel()
	const m = time.Minute
	for _, tt := range []struct {
		script string
		every  time.Duration
		want   []time.Duration
		errors int
	}{
		{"....", 5 * m, []time.Duration{0, 5 * m, 10 * m, 15 * m, 20 * m}, 0},
		{"pp..p.", 5 * m, seconds(0, 1, 3, 303, 603, 604, 904), 3},
		{"ww.", 5 * m, seconds(0, 1, 3, 303), 2},
		{"PW.", 5 * m, seconds(0, 1, 3, 303), 2},
		{"pppppppppp", 5 * m, seconds(0, 1, 3, 7, 15, 31, 63, 123, 183, 243), 10},
		{"ppppp", 2 * time.Second, seconds(0, 1, 3, 5, 7, 9), 5},
	} {
		t.Run(tt.script, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				box := &fakeBox{script: []byte(tt.script), start: time.Now()}
				last := tt.want[len(tt.want)-1]
				ctx, cancel := context.WithTimeout(t.Context(), last+time.Millisecond)
				defer cancel()
				reported := 0
				Run(ctx, box, nil, tt.every, func(error) { reported++ })
				if !slices.Equal(box.polls, tt.want) || reported != tt.errors {
					t.Errorf("polled at %v with %d errors, want %v with %d", box.polls, reported, tt.want, tt.errors)
				}
			})
		})
	}
}

func seconds(s ...int) []time.Duration {
	var d []time.Duration
	for _, n := range s {
		d = append(d, time.Duration(n)*time.Second)
	}
	return d
}
