package ical_test

import (
	"testing"
	"time"

	"github.com/rcp-care/rcp/meetings/ical"
)

// object is one thing to encode, good for every general check.
type object struct {
	name   string
	golden bool
	encode func() ([]byte, error)
}

// meeting is a plain meeting in Paris: Thursday 26 November 2026, 14:30–16:00.
func meeting() ical.Event {
	return ical.Event{
		UID:         "01JD8Z4Q7M3S5V9X2B6N8K4T1R@rcp.example",
		Sequence:    2,
		Stamp:       time.Date(2026, 11, 20, 8, 15, 30, 0, time.UTC),
		Start:       time.Date(2026, 11, 26, 13, 30, 0, 0, time.UTC),
		End:         time.Date(2026, 11, 26, 15, 0, 0, 0, time.UTC),
		Zone:        "Europe/Paris",
		Summary:     "Équipe mobile de gériatrie : réunion de synthèse",
		Description: "L’ordre du jour se lit dans RCP, après connexion ; il n’est jamais envoyé par messagerie ordinaire.\nhttps://rcp.example/meetings/42",
		Location:    "Salle Laennec, bâtiment B ; 2ᵉ étage",
		URL:         "https://visio.example/r/7f3a9c?lang=fr",
		Organizer:   ical.Organizer{Name: "Secrétariat des réunions", Address: "reunions@rcp.example"},
		Attendees: []ical.Attendee{
			{Name: "Dr Hélène MARCHAND", Address: "helene@clinic.example", Role: ical.Chair, RSVP: true},
			{Name: "Karim BENALI, infirmier", Address: "k.benali@clinic.example", PartStat: ical.Accepted, RSVP: true},
			{Name: "Salle Laennec", Address: "salle-laennec@clinic.example", Role: ical.NonParticipant, CUType: ical.Room},
		},
	}
}

// series is a weekly meeting with one date moved and one cancelled.
func series() ical.Event {
	e := meeting()
	e.Rule = "FREQ=WEEKLY;BYDAY=TH;UNTIL=20270624T123000Z"
	e.Excluded = []time.Time{e.Start.AddDate(0, 0, 28)}
	moved := meeting()
	moved.RecurrenceID = e.Start.AddDate(0, 0, 7)
	moved.Start, moved.End = moved.RecurrenceID.Add(24*time.Hour), moved.RecurrenceID.Add(25*time.Hour)
	moved.Overrides, moved.Attendees = nil, nil
	e.Overrides = []ical.Event{moved}
	return e
}

func in(zone string) ical.Event {
	e := meeting()
	e.Zone = zone
	return e
}

func hostile() ical.Event {
	e := meeting()
	e.Summary = "Réunion\r\nATTENDEE:mailto:evil@example.org\u202Egnp\x00"
	e.Description = "a\r\nEND:VEVENT\rEND:VCALENDAR\u2028" + "é€😀"
	e.Location = "\tB\"; X=1 \\ , \xff"
	e.Organizer.Name = "x\";SENT-BY=\"mailto:evil@example.org"
	e.Attendees[0].Name = "CN\r\nBEGIN:VALARM ^n \\ : ; ,\u0007"
	return e
}

func objects() []object {
	of := func(m ical.Method, e ical.Event) func() ([]byte, error) {
		return func() ([]byte, error) { return ical.Encode(m, e) }
	}
	feed := func(f ical.Feed) func() ([]byte, error) {
		return func() ([]byte, error) { return ical.EncodeFeed(f) }
	}
	instance := meeting()
	instance.RecurrenceID = instance.Start
	autumn := meeting()
	autumn.Start = time.Date(2026, 10, 25, 1, 15, 0, 0, time.UTC)
	autumn.End = autumn.Start.Add(time.Hour)
	out := []object{
		{"request-paris", true, of(ical.Request, meeting())},
		{"cancel-paris", true, of(ical.Cancel, meeting())},
		{"request-series", true, of(ical.Request, series())},
		{"cancel-instance", true, of(ical.Cancel, instance)},
		{"feed", true, feed(ical.Feed{Name: "Mes réunions", Zone: "Europe/Paris", Refresh: 4 * time.Hour, Events: []ical.Event{meeting(), in("Indian/Reunion")}})},
		{"feed-empty", true, feed(ical.Feed{Name: "Mes réunions", Zone: "Europe/Paris"})},
		{"request-casablanca", true, of(ical.Request, in("Africa/Casablanca"))},
		{"cancel-series", false, of(ical.Cancel, series())},
		{"publish", false, of(ical.Publish, meeting())},
		{"object", false, func() ([]byte, error) { return ical.EncodeObject(meeting()) }},
		{"feed-empty-utc", false, feed(ical.Feed{})},
		{"hostile", false, of(ical.Request, hostile())},
		{"decline-counter", true, of(ical.DeclineCounter, declined())},
		{"repeated-hour", false, of(ical.Request, autumn)},
		{"utc", false, of(ical.Request, in("UTC"))},
	}
	for _, zone := range zones() {
		out = append(out, object{"zone " + zone, false, of(ical.Request, in(zone))})
	}
	return out
}

func encode(t *testing.T, m ical.Method, e ical.Event) []byte {
	t.Helper()
	out, err := ical.Encode(m, e)
	if err != nil {
		t.Fatalf("Encode(%s): %v", m, err)
	}
	return out
}
