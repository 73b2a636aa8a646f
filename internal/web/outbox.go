package web

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/lang"
	"github.com/rcp-care/rcp/notify"
)

// failedMails are the messages that wait for somebody to correct them, for who
// may see the outbox.
func (s *Server) failedMails(r *request, limit int) ([]notify.Message, error) {
	if s.cfg.Outbox == nil || !r.actor.Admin && !holds(r.actor, auth.Secretary) {
		return nil, nil
	}
	dead, _, err := s.cfg.Outbox.List(r.ctx(), r.actor, notify.Dead, "", limit)
	return dead, err
}

// outboxView is « Envois »: the messages by status. It never shows a body.
type outboxView struct {
	Base
	Tabs   []outboxTab
	Status notify.Status
	Items  []messageRow
	Next   string // cursor of the older ones
}

type outboxTab struct {
	Status  notify.Status
	Name    string
	Current bool
}

type messageRow struct {
	notify.Message
	Why            string // of a failure, in words
	At, NextAt     time.Time
	Again, Stop    bool
	Tries          string
	MeetingAddress string
}

// outboxPage is how many messages a page shows.
const outboxPage = 50

func (s *Server) outbox(r *request) error {
	status := notify.Status(r.Query("status"))
	if !slices.Contains(notify.Statuses, status) {
		status = ""
	}
	view := &outboxView{Status: status, Tabs: outboxTabs(r.lang, status)}
	if s.cfg.Outbox != nil {
		after := r.Query("after")
		if !id.Valid(after) {
			after = ""
		}
		items, next, err := s.cfg.Outbox.List(r.ctx(), r.actor, status, after, outboxPage)
		if err != nil {
			return err
		}
		view.Next = next
		for _, m := range items {
			view.Items = append(view.Items, newMessageRow(r.lang, m))
		}
	}
	var err error
	if view.Base, err = s.base(r, place{menu: "/outbox"}, "Envois"); err != nil {
		return err
	}
	switch r.Query("did") {
	case "retry":
		view.Toast = &Toast{Text: r.T("Le message repartira dans un instant.")}
	case "cancel":
		view.Toast = &Toast{Text: r.T("Le message ne partira pas.")}
	}
	return s.render(r, http.StatusOK, "outbox", view)
}

func outboxTabs(l string, current notify.Status) []outboxTab {
	tabs := []outboxTab{{"", lang.T(l, "Tous"), current == ""}}
	for _, st := range []notify.Status{notify.Dead, notify.Waiting, notify.Sending, notify.Sent, notify.Cancelled} {
		tabs = append(tabs, outboxTab{st, statusTitle(l, st), current == st})
	}
	return tabs
}

func statusTitle(l string, st notify.Status) string {
	switch st {
	case notify.Dead:
		return lang.T(l, "En échec")
	case notify.Waiting:
		return lang.T(l, "En attente")
	case notify.Sending:
		return lang.T(l, "En cours d’envoi")
	case notify.Sent:
		return lang.T(l, "Envoyés")
	}
	return lang.T(l, "Annulés")
}

func newMessageRow(l string, m notify.Message) messageRow {
	row := messageRow{Message: m, At: m.Created.In(paris()), NextAt: m.NextTry.In(paris())}
	if !m.Sent.IsZero() {
		row.At = m.Sent.In(paris())
	}
	if m.LastError != "" {
		row.Why = failureWords(l, m.LastError)
	}
	row.Again = m.Status == notify.Dead
	row.Stop = m.Status == notify.Dead || m.Status == notify.Waiting
	if m.Attempts > 1 || m.Attempts == 1 && m.Status != notify.Sent {
		row.Tries = lang.N(l, m.Attempts, "%d essai", "%d essais")
	}
	if m.Meeting != "" {
		row.MeetingAddress = "/meetings/" + string(m.Meeting)
	}
	return row
}

// failureWords says a server's refusal in words, by its reply code (RFC 5321
// section 4.2.3) or by what the network said.
func failureWords(l, said string) string {
	low := strings.ToLower(said)
	has := func(parts ...string) bool {
		return slices.ContainsFunc(parts, func(p string) bool { return strings.Contains(low, p) })
	}
	switch {
	case has("5.1.1", "5.1.10", "550", "551", "553", "user unknown", "no such"):
		return lang.T(l, "L’adresse n’existe pas chez ce serveur.")
	case has("552", "5.2.2", "mailbox full", "452"):
		return lang.T(l, "La boîte du destinataire est pleine.")
	case has("535", "5.7.8", "530", "auth"):
		return lang.T(l, "Le serveur d’envoi refuse notre mot de passe.")
	case has("554", "5.7"):
		return lang.T(l, "Le serveur refuse le message.")
	case has("tls", "certificate", "x509"):
		return lang.T(l, "La liaison chiffrée n’a pas pu s’établir.")
	case has("timeout", "refused", "no route", "i/o", "eof", "reset", "lookup", "dial"):
		return lang.T(l, "Le serveur d’envoi ne répond pas.")
	case has("421", "450", "451", "4."):
		return lang.T(l, "Le serveur demande d’essayer plus tard.")
	}
	return lang.T(l, "L’envoi a échoué.")
}

func (s *Server) retryMessage(r *request) error {
	m, err := pathID[id.Message](r, "id")
	if err != nil {
		return err
	}
	if err := s.cfg.Outbox.Retry(r.ctx(), r.actor, m); err != nil {
		return err
	}
	if from := r.text("meeting"); id.Valid(from) {
		return r.see("/meetings/" + from + "/minutes?did=retry")
	}
	return r.see("/outbox?did=retry")
}

func (s *Server) cancelMessage(r *request) error {
	m, err := pathID[id.Message](r, "id")
	if err != nil {
		return err
	}
	if err := s.cfg.Outbox.Cancel(r.ctx(), r.actor, m); err != nil {
		return err
	}
	return r.see("/outbox?did=cancel")
}
