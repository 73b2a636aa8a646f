package fault

import (
	"errors"
	"fmt"
	"testing"
)

func TestWrapKeepsTheKindTheSentenceAndTheFields(t *testing.T) {
	t.Parallel()
	var c Check
	c.That(true, "right", "")
	c.That(false, "start", "Une heure est attendue.")
	err := Wrap("web.save", fmt.Errorf("outer: %w", Wrap("meetings.save", c.Err("meetings.check"))))
	if !Is(err, Invalid) || len(Fields(err)) != 1 || Fields(err)[0].Name != "start" {
		t.Errorf("kind %s, fields %v", KindOf(err), Fields(err))
	}
	var f *Error
	if !errors.As(err, &f) || f.Op != "web.save" || f.Code == "" {
		t.Errorf("the outermost fault: %+v", f)
	}
}

func TestWhatIsNoFaultIsInternal(t *testing.T) {
	t.Parallel()
	cause := errors.New("disk")
	if err := Wrap("store", cause); !Is(err, Internal) || !errors.Is(err, cause) {
		t.Errorf("wrapped: %v", err)
	}
	if Wrap("store", nil) != nil || Is(nil, Internal) {
		t.Error("nothing went wrong, and yet")
	}
	var c Check
	if err := c.Err("op"); err != nil {
		t.Errorf("an input without fault: %v", err)
	}
}
