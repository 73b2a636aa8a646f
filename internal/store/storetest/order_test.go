package storetest

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/store"
	"github.com/rcp-care/rcp/meetings"
	"github.com/rcp-care/rcp/notify"
)

// TestEndOfASeriesLeavesBeforeWhatFollows, to each person, even while its
// sending fails and is tried again: else a client would show both, or end the
// wrong one.
func TestEndOfASeriesLeavesBeforeWhatFollows(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx, p, b := context.Background(), newPost(t, s), &mailbox{}
		p.edit(t, func(e *meetings.SeriesEdit) { e.Room = "Salle Ada" }, date.New(2026, 11, 1))
		p.treat(t)
		if n, err := p.sender(b).RunOnce(ctx); err != nil || n != 3 {
			t.Fatalf("sent %d invitations, %v; want 3", n, err)
		}
		p.now = p.now.Add(time.Minute)
		p.edit(t, func(e *meetings.SeriesEdit) { e.Start = "16:00" }, date.New(2026, 12, 10))
		p.treat(t)
		tries := 0
		b.sent = nil
		b.fail = func(e notify.Envelope) error {
			if e.To != "ines@clinique.example" {
				return nil
			}
			if tries++; tries <= 3 {
				return &notify.SendError{Reply: "451 plus tard"}
			}
			return nil
		}
		for range 6 {
			if _, err := p.sender(b).RunOnce(ctx); err != nil {
				t.Fatal(err)
			}
			p.now = p.now.Add(13 * time.Hour)
		}
		if tries != 5 {
			t.Errorf("%d tries to ines, want three failures and two mails", tries)
		}
		p.checkOrder(t, b, s)
	})
}

// edit changes the house's series from a day on.
func (p *post) edit(t *testing.T, change func(*meetings.SeriesEdit), from date.Date) {
	t.Helper()
	one, err := p.store.SeriesByID(context.Background(), p.Org.ID, p.Series.ID)
	if err != nil {
		t.Fatal(err)
	}
	e := meetings.SeriesEdit{
		Team: one.Team, Rule: one.Rule, Start: one.Start, Duration: one.Duration, From: from, Until: one.Until,
		OnClosed: one.OnClosed, Room: one.Room, URL: one.URL, Anyway: true,
	}
	change(&e)
	if _, err := p.Meetings.SaveSeries(context.Background(), p.Secretary, one.ID, one.Version, e); err != nil {
		t.Fatal(err)
	}
}

// checkOrder wants, for each address, the end of the series and then the
// invitation to what follows, in one thread, dated in that order.
func (p *post) checkOrder(t *testing.T, b *mailbox, s *store.Store) {
	t.Helper()
	all := map[string]notify.Message{}
	for _, m := range p.all(t) {
		full, err := s.MessageByID(context.Background(), p.Org.ID, m.ID)
		if err != nil {
			t.Fatal(err)
		}
		all[m.MessageID] = full
	}
	subjects, last := map[string][]string{}, map[string]notify.Message{}
	for _, e := range b.sent {
		m := all[e.MessageID]
		word, _, _ := strings.Cut(m.Subject, "\u00a0:")
		subjects[e.To] = append(subjects[e.To], word)
		if before, ok := last[e.To]; ok && (before.Thread != m.Thread || !m.Created.After(before.Created)) {
			t.Errorf("%s: thread %s at %s, then %s at %s", e.To, before.Thread, before.Created, m.Thread, m.Created)
		}
		last[e.To] = m
	}
	if len(subjects) != 3 {
		t.Errorf("%d addresses, want 3", len(subjects))
	}
	for address, got := range subjects {
		if diff := cmp.Diff([]string{"Réunion modifiée", "Invitation"}, got); diff != "" {
			t.Errorf("%s (-want +got)\n%s", address, diff)
		}
	}
	if !slices.ContainsFunc(b.sent, func(e notify.Envelope) bool { return e.To == "ines@clinique.example" }) {
		t.Error("ines received nothing")
	}
}
