package inbox_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rcp-care/rcp/internal/store/storetest"
	"github.com/rcp-care/rcp/meetings"
	"github.com/rcp-care/rcp/meetings/ical"
	"github.com/rcp-care/rcp/minutes"
	"github.com/rcp-care/rcp/notify"
)

// sent treats every event and returns the messages made since, oldest first.
func (w *world) sent(since *int) []notify.Message {
	w.t.Helper()
	ctx := context.Background()
	d, err := notify.NewDispatcher(notify.Config{
		Store: w.store, Calendars: w.Meetings, Meetings: w.Meetings, Minutes: (*minutes.Service)(nil), Mails: notify.Mails(),
		BaseURL: "https://rcp.valbrume.example", From: "rcp@valbrume.example", Refusals: w.Meetings,
		Now: func() time.Time { return storetest.Now.Add(time.Minute) },
	})
	if err != nil {
		w.t.Fatal(err)
	}
	if _, err := d.Treat(ctx, 100); err != nil {
		w.t.Fatal(err)
	}
	all, _, err := w.store.Messages(ctx, notify.Filter{Org: w.Org.ID, Limit: 500})
	if err != nil {
		w.t.Fatal(err)
	}
	fresh := all[:len(all)-*since]
	*since = len(all)
	for i, m := range fresh {
		if fresh[i], err = w.store.MessageByID(ctx, w.Org.ID, m.ID); err != nil {
			w.t.Fatal(err)
		}
	}
	slices.Reverse(fresh)
	return fresh
}

// object reads the calendar object of a message.
func (w *world) object(m notify.Message) ical.Received {
	w.t.Helper()
	in := w.take(m.Body) // our own mail, come back: read as any other
	if in.Status != meetings.InboundIgnored && in.Status != meetings.InboundReview {
		w.t.Errorf("our own mail is %s", in.Status)
	}
	got, err := ical.Read(calendarPart(w.t, m.Body))
	if err != nil {
		w.t.Fatal(err)
	}
	return got
}

func TestPoint11RefusedProposalIsDeclinedByMail(t *testing.T) {
	t.Parallel()
	w, ctx, n := setup(t), context.Background(), 0
	w.sent(&n)
	w.reply(object{method: "COUNTER", recurrence: first, start: ":20261127T090000Z", end: ":20261127T103000Z"})
	if ms := w.sent(&n); len(ms) != 0 {
		t.Errorf("%d mails for a proposal", len(ms))
	}
	all, err := w.box.Proposals(ctx, w.Secretary, meetings.ProposalWaiting)
	if err != nil || len(all) != 1 {
		t.Fatal(len(all), err)
	}
	if err := w.box.RefuseProposal(ctx, w.Secretary, all[0].ID, all[0].Version, "La salle est prise."); err != nil {
		t.Fatal(err)
	}
	ms := w.sent(&n)
	if len(ms) != 1 || ms[0].Address != ines || !strings.HasPrefix(ms[0].Subject, "Horaire proposé non retenu") {
		t.Fatalf("%d mails: %+v", len(ms), ms)
	}
	got := w.object(ms[0])
	item := got.Items[0]
	if got.Method != ical.DeclineCounter || item.UID != w.Series.UID() || !item.RecurrenceID.Equal(w.dates()[0].Meeting.Original) || item.Comment != "La salle est prise." {
		t.Errorf("%s %+v", got.Method, item)
	}
}

func TestPoint11AcceptedProposalSendsTheNewTime(t *testing.T) {
	t.Parallel()
	w, ctx, n := setup(t), context.Background(), 0
	w.sent(&n)
	w.reply(object{method: "COUNTER", recurrence: first, start: ":20261127T090000Z", end: ":20261127T103000Z"})
	all, err := w.box.Proposals(ctx, w.Secretary, meetings.ProposalWaiting)
	if err != nil || len(all) != 1 {
		t.Fatal(len(all), err)
	}
	outline, err := w.box.ProposalOutline(ctx, w.Secretary, all[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.box.AcceptProposal(ctx, w.Secretary, all[0].ID, all[0].Version, false); err != nil {
		t.Fatal(err)
	}
	ms := w.sent(&n)
	if len(ms) != 3 || len(ms) != len(outline.Notices) {
		t.Fatalf("%d mails, %d shown before", len(ms), len(outline.Notices))
	}
	for _, m := range ms {
		got := w.object(m)
		if moved := got.Items[len(got.Items)-1]; got.Method != ical.Request || !moved.Start.Equal(all[0].Starts) {
			t.Errorf("%s from %s", got.Method, moved.Start)
		}
	}
}

func TestPoint15TheDelegateIsInvitedByMail(t *testing.T) {
	t.Parallel()
	w, n := setup(t), 0
	noe := w.person("noe@clinique.example")
	w.sent(&n)
	w.reply(object{recurrence: first, partstat: ";PARTSTAT=DELEGATED", params: `;DELEGATED-TO="mailto:` + noe.Email + `"`})
	ms := w.sent(&n)
	if len(ms) != 1 || ms[0].Address != noe.Email {
		t.Fatalf("%d mails", len(ms))
	}
	if got := w.object(ms[0]); got.Method != ical.Request || len(got.Items) != 1 || !got.Items[0].RecurrenceID.Equal(w.dates()[0].Meeting.Original) {
		t.Errorf("%s %+v", got.Method, got.Items)
	}
}

func TestAnAnswerSendsNothingToOthers(t *testing.T) {
	t.Parallel()
	w, n := setup(t), 0
	w.sent(&n)
	w.reply(object{})
	w.reply(object{recurrence: second, partstat: ";PARTSTAT=DECLINED"})
	if ms := w.sent(&n); len(ms) != 0 {
		t.Errorf("%d mails", len(ms))
	}
}
