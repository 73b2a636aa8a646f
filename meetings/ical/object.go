package ical

import (
	"time"

	goical "github.com/emersion/go-ical"

	"github.com/rcp-care/rcp/internal/date"
)

// EncodeObject writes e as the calendar object resource of a CalDAV collection:
// one event, without METHOD (RFC 4791 section 4.1) and without the addresses of
// its attendees.
func EncodeObject(e Event) ([]byte, error) {
	var b builder
	if err := b.add(Publish, e); err != nil {
		return nil, err
	}
	cal := newCalendar(Publish)
	cal.Props.Del(goical.PropMethod)
	return b.encode(cal)
}

// TodoStatus is the STATUS of a task (RFC 5545 section 3.8.1.11).
type TodoStatus string

// The states of a task. The empty TodoStatus means TodoNeedsAction.
const (
	TodoNeedsAction TodoStatus = "NEEDS-ACTION"
	TodoInProcess   TodoStatus = "IN-PROCESS"
	TodoCompleted   TodoStatus = "COMPLETED"
)

// Todo is one task of a person's list, due on a day.
type Todo struct {
	UID         string    // as of an [Event]
	Stamp       time.Time // DTSTAMP and LAST-MODIFIED
	Created     time.Time // zero says nothing
	Due         date.Date // zero says nothing
	Completed   time.Time // when it was done; wanted with TodoCompleted
	Status      TodoStatus
	Summary     string // one line
	Description string // may hold several lines
	URL         string // of its page, http or https
}

// EncodeTodo writes a task as a calendar object resource, without METHOD.
func EncodeTodo(t Todo) ([]byte, error) {
	if err := validateTodo(t); err != nil {
		return nil, err
	}
	c := goical.NewComponent(goical.CompToDo)
	c.Props.SetText(goical.PropUID, t.UID)
	setValue(c, goical.PropDateTimeStamp, t.Stamp.UTC().Format(utcFormat))
	setValue(c, goical.PropLastModified, t.Stamp.UTC().Format(utcFormat))
	if !t.Created.IsZero() {
		setValue(c, goical.PropCreated, t.Created.UTC().Format(utcFormat))
	}
	setDue(c, t)
	setText(c, goical.PropSummary, cleanLine(t.Summary))
	setText(c, goical.PropDescription, cleanText(t.Description))
	if t.URL != "" {
		address, _ := link(t.URL)
		setValue(c, goical.PropURL, address)
	}
	cal := newCalendar(Publish)
	cal.Props.Del(goical.PropMethod)
	b := builder{events: []*goical.Component{c}}
	return b.encode(cal)
}

// setDue writes the day and how far the task is.
func setDue(c *goical.Component, t Todo) {
	if !t.Due.IsZero() {
		due := goical.NewProp(goical.PropDue)
		due.SetDate(t.Due.In(time.UTC))
		c.Props.Set(due)
	}
	setValue(c, goical.PropStatus, string(orElse(t.Status, TodoNeedsAction)))
	if t.Status == TodoCompleted {
		setValue(c, goical.PropCompleted, t.Completed.UTC().Format(utcFormat))
		setValue(c, goical.PropPercentComplete, "100")
	}
}

func validateTodo(t Todo) error {
	var p problems
	checkIdentity(&p, Event{UID: t.UID, Stamp: t.Stamp})
	p.add(!t.Created.IsZero() && !datable(t.Created), "created", "is out of range")
	p.add(!t.Due.IsZero() && !datable(t.Due.In(time.UTC)), "due", "is out of range")
	p.add(!oneOf(t.Status, TodoNeedsAction, TodoInProcess, TodoCompleted), "status", "is unknown")
	p.add((t.Status == TodoCompleted) != datable(t.Completed), "completed", "contradicts the status")
	p.add(cleanLine(t.Summary) == "", "summary", "is missing")
	if t.URL != "" {
		_, err := link(t.URL)
		p.add(err != nil, "url", "is not http or https")
	}
	return p.err()
}
