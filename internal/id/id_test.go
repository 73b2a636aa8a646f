package id_test

import (
	"testing"
	"time"

	"github.com/rcp-care/rcp/internal/id"
)

func TestEarlierComesBeforeAndIsValid(t *testing.T) {
	t.Parallel()
	before := id.New[id.Event]()
	time.Sleep(2 * time.Millisecond)
	now := id.New[id.Event]()
	if got := id.Earlier(now, 0); got > now || got <= before || !id.Valid(got) {
		t.Errorf("%s is not between %s and %s", got, before, now)
	}
	if got := id.Earlier(now, time.Minute); got >= before || !id.Valid(got) {
		t.Errorf("%s is not a minute before %s", got, now)
	}
	if got := id.Earlier(id.Event("no id"), time.Minute); got != "" {
		t.Errorf("what is no id gives %q", got)
	}
}
