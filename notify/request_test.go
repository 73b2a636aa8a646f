package notify_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/rcp-care/rcp/agenda"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/event"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/notify"
)

// outsideReader has one request, whose every word must stay out of mails.
type outsideReader struct{}

func (outsideReader) OutsideOf(_ context.Context, _ auth.Actor, r id.Request) (agenda.Outside, error) {
	return agenda.Outside{
		ID: r, Team: "team", TeamName: "Gériatrie, secteur Nord", OutsideContent: agenda.OutsideContent{
			Traits: agenda.Traits{BirthFamily: "AUBRIOT", BirthGiven: "Lucienne"}, Question: "Insuline",
			Details: agenda.Details{ISBAR: agenda.ISBAR{Situation: "Hypoglycémies"}, Outsider: agenda.Outsider{Name: "Ferrandou", Email: "odile@cabinet.example"}},
		}, Why: "not-followed",
	}, nil
}

func TestMailsToAnAskerOutsideSayNothing(t *testing.T) {
	t.Parallel()
	w := newWorld()
	d, err := notify.NewDispatcher(notify.Config{
		Store: w, Calendars: w, Meetings: meetingReader{w}, Minutes: minutesReader{w}, Mails: notify.Mails(), From: "rcp@valbrume.example",
		BaseURL: "https://rcp.valbrume.example", Requests: outsideReader{}, TrackLink: func(agenda.Outside) string { return "https://rcp.valbrume.example/t/ticket" },
		Now: func() time.Time { return opened },
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range []event.Kind{event.RequestReceived, event.RequestAnswered} {
		w.events = append(w.events, event.Event{ID: id.New[id.Event](), Org: "org", Kind: k, At: opened, Team: "team", Request: "r1"})
	}
	if _, err := d.Treat(context.Background(), 50); err != nil {
		t.Fatal(err)
	}
	if len(w.messages) != 2 {
		t.Fatalf("%d messages", len(w.messages))
	}
	for _, m := range w.messages {
		text := m.Subject + readable(t, m.Body)
		if m.Address != "odile@cabinet.example" || !strings.Contains(text, "/t/ticket") {
			t.Errorf("to %s: %s", m.Address, text)
		}
		for _, word := range []string{"AUBRIOT", "Lucienne", "Insuline", "Hypo", "not-followed", "Ferrandou"} {
			if strings.Contains(text, word) {
				t.Errorf("%q says %q", m.Subject, word)
			}
		}
	}
}
