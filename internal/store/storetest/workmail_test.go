package storetest

import (
	"context"
	"io"
	"net/mail"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-message"
	_ "github.com/emersion/go-message/charset"

	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/event"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/store"
	"github.com/rcp-care/rcp/notify"
)

// workMails are the mails that an event about somebody's work gives, in full.
func (r *room) workMails(t *testing.T, s *store.Store, k event.Kind, who id.Professional) []string {
	t.Helper()
	ctx := context.Background()
	forgetEvents(t, s)
	e := r.System.Event(r.at, k)
	e.Team, e.Professional = r.Team.ID, who
	if _, err := s.EmitOnce(ctx, "test", string(e.ID), r.at, []event.Event{e}); err != nil {
		t.Fatal(err)
	}
	kept := &keeper{Store: s}
	d, err := notify.NewDispatcher(notify.Config{
		Store: kept, Calendars: r.Meetings, Meetings: r.Meetings, Mails: notify.Mails(), BaseURL: "https://rcp.example/", From: "rcp@valbrume.example",
		Weeks: s, Now: func() time.Time { return r.at },
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Treat(ctx, 50); err != nil {
		t.Fatal(err)
	}
	return kept.read(t)
}

// keeper is the store that keeps what went into the outbox.
type keeper struct {
	*store.Store
	ms []notify.Message
}

func (k *keeper) PutMessages(ctx context.Context, e event.Event, ms []notify.Message) error {
	k.ms = append(k.ms, ms...)
	return k.Store.PutMessages(ctx, e, ms)
}

// read returns each mail with its headers and every part of its body, decoded.
func (k *keeper) read(t *testing.T) (all []string) {
	t.Helper()
	for _, m := range k.ms {
		e, err := message.Read(strings.NewReader(string(m.Body)))
		if err != nil {
			t.Fatal(err)
		}
		head, err := mail.ReadMessage(strings.NewReader(string(m.Body)))
		if err != nil {
			t.Fatal(err)
		}
		text := m.Subject + "\n" + head.Header.Get("To") + "\n"
		err = e.Walk(func(_ []int, part *message.Entity, err error) error {
			if err != nil || part.MultipartReader() != nil {
				return err
			}
			raw, err := io.ReadAll(part.Body)
			text += string(raw) + "\n"
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, text)
	}
	return all
}

func TestMailsAboutWorkHoldNumbersAndNobodysName(t *testing.T) {
	t.Parallel()
	Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		r, d := signedRoom(t, s)
		r.at = time.Date(2026, 11, 30, 6, 30, 0, 0, time.UTC) // the Monday after
		who := r.Clinician.Professional
		file, err := r.patients.File(ctx, r.Chair, d.Patient)
		if err != nil {
			t.Fatal(err)
		}
		never := []string{
			file.Patient.BirthFamily, file.Patient.BirthGiven, file.Patient.IPP, string(file.Patient.ID), string(d.Case),
			"Barre d’appui", "Remarcher", "escalier", "Reprendre", "Valider", string(d.Actions[0].ID),
		}
		for kind, want := range map[event.Kind]string{
			event.ActionReminded: "2\u00a0actions à suivre", event.WeekDue: "2\u00a0actions à faire cette semaine",
		} {
			all := r.workMails(t, s, kind, who)
			if len(all) != 1 {
				t.Fatalf("%s: %d mails", kind, len(all))
			}
			text := strings.ReplaceAll(all[0], "2 actions", "2\u00a0actions")
			if !strings.Contains(text, want) || !strings.Contains(text, "https://rcp.example/actions") {
				t.Errorf("%s does not say %q:\n%s", kind, want, text)
			}
			for _, n := range never {
				if n != "" && strings.Contains(text, n) {
					t.Errorf("%s says %q:\n%s", kind, n, text)
				}
			}
		}
		if all := r.workMails(t, s, event.ActionReminded, r.Stranger.Professional); len(all) != 0 {
			t.Errorf("who has nothing to do hears %q", all)
		}
		if err := r.patients.SetDigest(ctx, r.Clinician, false); err != nil {
			t.Fatal(err)
		}
		if all := r.workMails(t, s, event.WeekDue, who); len(all) != 0 {
			t.Errorf("who wants no summary hears %q", all)
		}
		r.finish(t)
		if all := r.workMails(t, s, event.ActionReminded, who); len(all) != 0 {
			t.Errorf("who did it meanwhile hears %q", all)
		}
	})
}

// finish does all that the clinician has to do.
func (r *room) finish(t *testing.T) {
	t.Helper()
	ctx, f := context.Background(), r.followUp(t)
	for _, a := range f.Coming {
		done := careplan.ActionChange{Status: careplan.ActionCompleted, Outcome: careplan.OutcomeDone, Version: a.Action.Version}
		if _, err := r.patients.SetAction(ctx, r.Clinician, a.Action.ID, done); err != nil {
			t.Fatal(err)
		}
	}
	for _, w := range f.Tell {
		if _, err := r.patients.SetTold(ctx, r.Clinician, w.Case, careplan.ToldChange{On: w.Meant(), How: careplan.ByLetter, Version: w.Version}); err != nil {
			t.Fatal(err)
		}
	}
}
