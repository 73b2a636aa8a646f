package inbox_test

import (
	"context"
	"testing"

	"github.com/rcp-care/rcp/internal/audit"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/store/storetest"
	"github.com/rcp-care/rcp/meetings"
	"github.com/rcp-care/rcp/notify/inbox"
)

func TestWhoMaySeeAndHandleMails(t *testing.T) {
	t.Parallel()
	w, ctx := setup(t), context.Background()
	known := w.take(w.mail(solene, "", w.calendar(object{}))) // not the sender
	lost := w.take([]byte("From: x@y.example\r\nTo: nobody@z.example\r\n\r\nBonjour\r\n"))
	admin := auth.Actor{Professional: w.Stranger.Professional, Org: w.Org.ID, Admin: true}
	other := storetest.NewHouse(t, storetest.SQLite(t)).Secretary // of another organisation
	for name, c := range map[string]struct {
		actor       auth.Actor
		list        int // -1: refused
		known, lost fault.Kind
		waiting     int
	}{
		"secretary": {w.Secretary, 2, 0, 0, 2},
		"chair":     {w.Chair, -1, fault.Forbidden, fault.Forbidden, 0},
		"clinician": {w.Clinician, -1, fault.Forbidden, fault.Forbidden, 0},
		"stranger":  {w.Stranger, -1, fault.Forbidden, fault.Forbidden, 0},
		"admin":     {admin, 2, fault.Forbidden, 0, 2},
		"elsewhere": {other, 0, fault.NotFound, fault.NotFound, 0},
	} {
		items, _, err := w.box.List(ctx, c.actor, inbox.Filter{})
		if refused := fault.Is(err, fault.Forbidden); refused != (c.list < 0) || !refused && len(items) != c.list {
			t.Errorf("%s lists %d, %v", name, len(items), err)
		}
		for which, in := range map[meetings.Reason]meetings.Inbound{known.Reason: known, lost.Reason: lost} {
			kind := c.known
			if in.ID == lost.ID {
				kind = c.lost
			}
			got, err := w.box.Read(ctx, c.actor, in.ID)
			if (err == nil) != (kind == 0) || err != nil && fault.KindOf(err) != kind || err == nil && string(got.Raw) != string(in.Raw) {
				t.Errorf("%s reads %s: %v", name, which, err)
			}
			if kind != 0 {
				if err := w.box.Dismiss(ctx, c.actor, in.ID, in.Version); !fault.Is(err, kind) {
					t.Errorf("%s dismisses %s: %v", name, which, err)
				}
			}
		}
		if n, err := w.box.Waiting(ctx, c.actor); n != c.waiting || err != nil {
			t.Errorf("%s: %d wait, %v", name, n, err)
		}
	}
	refused, err := w.store.AuditEntries(ctx, w.Org.ID, audit.Filter{Action: "inbound.read", Actor: w.Clinician.Professional, Limit: 10})
	if err != nil || len(refused) != 2 || refused[0].Outcome != audit.Refused {
		t.Errorf("%d refusals kept, %v", len(refused), err)
	}
	if err := w.box.Dismiss(ctx, w.Secretary, known.ID, known.Version); err != nil {
		t.Fatal(err)
	}
	if n, err := w.box.Waiting(ctx, w.Secretary); n != 1 || err != nil {
		t.Errorf("%d wait, %v", n, err)
	}
}

func TestTheMailsWordsCanBeRead(t *testing.T) {
	t.Parallel()
	w, ctx := setup(t), context.Background()
	in := w.take(w.mail(solene, "", w.calendar(object{})))
	got, err := w.box.Read(ctx, w.Secretary, in.ID)
	if err != nil || got.Text != "Je viendrai, à jeudi." || got.Subject != "Re: Réunion" || got.Sender != solene {
		t.Errorf("%q, %q, %q, %v", got.Text, got.Subject, got.Sender, err)
	}
	page := "From: x@y.example\r\nContent-Type: text/html\r\n\r\n<style>p{}</style><p>Bonjour&nbsp;<b>à</b> vous</p><p>Fin</p>\r\n"
	if got, err = w.box.Upload(ctx, w.Secretary, []byte(page)); err != nil || got.Text != "Bonjour\u00a0à vous\nFin" {
		t.Errorf("%q, %v", got.Text, err)
	}
}

func TestAMailIsUploadedOnceByASecretary(t *testing.T) {
	t.Parallel()
	w, ctx := setup(t), context.Background()
	raw := w.mail(ines, "", w.calendar(object{}))
	for range 2 {
		if got, err := w.box.Upload(ctx, w.Secretary, raw); err != nil || got.Status != meetings.InboundApplied {
			t.Errorf("%s %q, %v", got.Status, got.Reason, err)
		}
	}
	if n := len(w.rows()); n != 1 {
		t.Errorf("%d rows", n)
	}
	for name, a := range map[string]auth.Actor{"clinician": w.Clinician, "stranger": w.Stranger} {
		if _, err := w.box.Upload(ctx, a, raw); !fault.Is(err, fault.Forbidden) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, raw := range [][]byte{nil, make([]byte, 9<<20)} {
		if _, err := w.box.Upload(ctx, w.Secretary, raw); !fault.Is(err, fault.Invalid) {
			t.Errorf("%d octets: %v", len(raw), err)
		}
	}
	entries, err := w.store.AuditEntries(ctx, w.Org.ID, audit.Filter{Action: "inbound.receive", Limit: 5})
	if err != nil || len(entries) != 1 || entries[0].Actor != w.Secretary.Professional {
		t.Errorf("%+v, %v", entries, err)
	}
}

func TestAHumanSaysWhoseAnswerItIs(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		object object
		from   string
		answer meetings.Answer
		chosen bool // the meeting
		field  string
		want   string
	}{
		"another address":     {from: "x@y.example", want: "AAA"},
		"no answer, none":     {object: object{partstat: ";ROLE=CHAIR", recurrence: first}, from: ines, field: "answer", want: "NNN"},
		"no answer, chosen":   {object: object{partstat: ";ROLE=CHAIR", recurrence: first}, from: ines, answer: meetings.Declined, want: "DNN"},
		"wrong answer":        {object: object{partstat: ";ROLE=CHAIR"}, from: ines, answer: "MAYBE", field: "answer", want: "NNN"},
		"no meeting":          {object: object{uid: "x"}, from: ines, field: "meeting", want: "NNN"},
		"meeting chosen":      {object: object{uid: "x"}, from: ines, chosen: true, want: "ANN"},
		"one date, not known": {object: object{recurrence: ":20300101T000000Z"}, from: ines, chosen: true, want: "ANN"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, ctx := setup(t), context.Background()
			in := w.take(w.mail(c.from, "", w.calendar(c.object)))
			if in.Status != meetings.InboundReview {
				t.Fatalf("%s %q", in.Status, in.Reason)
			}
			as := meetings.Assignment{Professional: w.Clinician.Professional, Answer: c.answer}
			if c.chosen {
				as.Meeting = w.dates()[0].Meeting.ID
			}
			got, err := w.box.Assign(ctx, w.Secretary, in.ID, in.Version, as)
			switch {
			case c.field == "" && (err != nil || got.Status != meetings.InboundHandled || got.Professional != as.Professional):
				t.Errorf("%s %q, %v", got.Status, got.Reason, err)
			case c.field != "" && (len(fault.Fields(err)) != 1 || fault.Fields(err)[0].Name != c.field):
				t.Errorf("%v, want the field %s", err, c.field)
			}
			if a := w.answers(ines); a[:3] != c.want {
				t.Errorf("%s, want %s", a, c.want)
			}
		})
	}
}
