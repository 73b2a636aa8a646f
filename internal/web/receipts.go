package web

import (
	"time"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/lang"
	"github.com/rcp-care/rcp/notify"
)

// receiptRow is one recipient of signed minutes, and how far theirs came.
type receiptRow struct {
	deliveryRow
	Got     string
	Because string    // they may
	When    time.Time // of the state; zero: nothing to say
	Why     string    // of a failure, in words
	Said    string    // the server's own
	Again   id.Message
}

// fillReceipts says who got what of the version in force, to who may know it,
// and notes that this person opened it.
func (s *Server) fillReceipts(r *request, v *minutesView) error {
	if s.cfg.Outbox == nil {
		return nil
	}
	last := v.Signed[0]
	if len(last.Content.Cases) > 0 {
		if err := s.cfg.Outbox.Opened(r.ctx(), r.actor, last.ID); err != nil {
			return err
		}
	}
	if !v.May {
		return nil
	}
	all, err := s.cfg.Outbox.Receipts(r.ctx(), r.actor, last)
	if err != nil {
		return err
	}
	counts := map[string]int{}
	for _, one := range all {
		row := newReceipt(r, one, v.Seen, v.From.Location())
		v.Receipts = append(v.Receipts, row)
		counts[row.State.Class]++
	}
	v.Counts = lang.N(r.lang, counts["ok"], "%d ouvert ou remis", "%d ouverts ou remis")
	if n := counts["bad"]; n > 0 {
		v.Counts += ", " + lang.N(r.lang, n, "%d en échec", "%d en échec")
	}
	if n := counts["warn"]; n > 0 {
		v.Counts += ", " + lang.N(r.lang, n, "%d à remettre autrement", "%d à remettre autrement")
	}
	return nil
}

func newReceipt(r *request, one notify.Receipt, of int, loc *time.Location) receiptRow {
	l, m := r.lang, one.Sending
	row := receiptRow{deliveryRow: newDelivery(l, one.Delivery, of), Got: lang.T(l, "Lien, sans nom de patient")}
	if one.Secure {
		row.Got = lang.T(l, "PDF, messagerie sécurisée")
	}
	row.Because, row.Why = row.deliveryRow.Why, ""
	row.State, row.When = fateOf(l, one)
	if !row.When.IsZero() {
		row.When = row.When.In(loc)
	}
	if m.Status == notify.Dead {
		row.Why, row.Said = failureWords(l, m.LastError), m.LastError
		if r.actor.Admin || r.actor.In(m.Team, auth.Secretary) {
			row.Again = m.ID
		}
	}
	return row
}

// fateOf is the furthest that a recipient's mail came, and when.
func fateOf(l string, one notify.Receipt) (state, time.Time) {
	m := one.Sending
	switch {
	case !one.Opened.IsZero():
		return state{"ok", lang.T(l, "Ouvert")}, one.Opened
	case one.Hand && m.ID == "":
		return state{"warn", byHandWord(l, one.Delivery)}, time.Time{}
	case m.Status == notify.Dead:
		return state{"bad", lang.T(l, "Échec")}, m.When
	case m.Fate == notify.Delivered:
		return state{"ok", lang.T(l, "Remis dans la boîte")}, m.When
	case m.Status == notify.Sent:
		return state{"ok", lang.T(l, "Remis au serveur")}, m.Sent
	case m.Status == notify.Cancelled:
		return state{"off", lang.T(l, "Annulé")}, time.Time{}
	}
	return state{"todo", lang.T(l, "En attente")}, time.Time{}
}

// byHandWord says why no mail leaves.
func byHandWord(l string, d notify.Delivery) string {
	if d.Address == "" {
		return lang.T(l, "À remettre autrement : sans adresse")
	}
	return lang.T(l, "À remettre autrement : adresse ordinaire, sans compte")
}

// opened notes that this person opened a version's PDF; 0 is the one in force.
func (s *Server) opened(r *request, m id.Meeting, version int) error {
	if s.cfg.Outbox == nil {
		return nil
	}
	all, err := s.cfg.Minutes.OfMeeting(r.ctx(), r.actor, m)
	if err != nil || len(all) == 0 {
		return err
	}
	found := all[0]
	for _, one := range all {
		if one.Version == version {
			found = one
		}
	}
	return s.cfg.Outbox.Opened(r.ctx(), r.actor, found.ID)
}
