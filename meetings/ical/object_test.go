package ical_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/meetings/ical"
)

func todo() ical.Todo {
	return ical.Todo{
		UID: "0199c0de@rcp", Stamp: time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC), Created: time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC),
		Due: date.New(2026, 12, 3), Summary: "Action à mener · Gériatrie", URL: "https://rcp.example/",
	}
}

// TestPoint18AnObjectOfACollectionHasNoMethod: RFC 4791 section 4.1.
func TestPoint18AnObjectOfACollectionHasNoMethod(t *testing.T) {
	t.Parallel()
	e := series()
	raw, err := ical.EncodeObject(e)
	if err != nil {
		t.Fatal(err)
	}
	text := string(raw)
	if strings.Contains(text, "METHOD") || strings.Contains(text, "ATTENDEE") || strings.Count(text, "BEGIN:VTIMEZONE") != 1 {
		t.Errorf("object:\n%s", text)
	}
	if raw, err = ical.EncodeTodo(todo()); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"BEGIN:VTODO\r\n", "DUE;VALUE=DATE:20261203\r\n", "STATUS:NEEDS-ACTION\r\n", "DTSTAMP:20261120T090000Z\r\n", "URL:https://rcp.example/\r\n"} {
		if !strings.Contains(string(raw), want) {
			t.Errorf("no %q in\n%s", want, raw)
		}
	}
	if strings.Contains(string(raw), "METHOD") {
		t.Error("a task with METHOD")
	}
}

func TestATaskThatCannotBeWrittenIsRefused(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*ical.Todo){
		"uid":                     func(o *ical.Todo) { o.UID = "a\r\nb" },
		"stamp":                   func(o *ical.Todo) { o.Stamp = time.Time{} },
		"due":                     func(o *ical.Todo) { o.Due = date.New(99999, 1, 1) },
		"status":                  func(o *ical.Todo) { o.Status = "DONE" },
		"summary":                 func(o *ical.Todo) { o.Summary = "\u200b \n" },
		"url":                     func(o *ical.Todo) { o.URL = "javascript:x" },
		"completed without when":  func(o *ical.Todo) { o.Status = ical.TodoCompleted },
		"open with a time it was": func(o *ical.Todo) { o.Completed = o.Stamp },
	} {
		o := todo()
		spoil(&o)
		if _, err := ical.EncodeTodo(o); !errors.Is(err, ical.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	o := todo()
	o.Status, o.Completed, o.Summary = ical.TodoCompleted, o.Stamp, "a\r\nATTENDEE:mailto:x@y.example"
	raw, err := ical.EncodeTodo(o)
	if err != nil || strings.Contains(string(raw), "\nATTENDEE") || !strings.Contains(string(raw), "PERCENT-COMPLETE:100") {
		t.Errorf("%v\n%s", err, raw)
	}
}
