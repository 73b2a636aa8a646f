package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/rcp-care/rcp/internal/store/storetest"
	"github.com/rcp-care/rcp/notify"
)

// dispatched signs the minutes and makes their mails.
func dispatched(t *testing.T) *harness {
	t.Helper()
	h := heldMeeting(t, 2)
	full, err := h.Meetings.Get(t.Context(), h.Chair, h.meeting.Meeting.ID)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := h.cfg.Minutes.Sign(t.Context(), h.Chair, full.Meeting.ID, full.Meeting.Version)
	if err != nil {
		t.Fatal(err)
	}
	d, err := notify.NewDispatcher(notify.Config{
		Store: h.store, Calendars: h.Meetings, Meetings: h.Meetings, Minutes: h.cfg.Minutes.(notify.MinutesReader), Mails: notify.Mails(),
		BaseURL: "https://rcp.example", Now: storetest.Clock,
	})
	if err == nil {
		_, err = d.Treat(t.Context(), 50)
	}
	if err != nil || signed.ID == "" {
		t.Fatal(err)
	}
	return h
}

// settle ends every claim: what goes to the address fails, all else leaves.
func (h *harness) settle(t *testing.T, failing string) {
	t.Helper()
	for {
		m, ok, err := h.store.ClaimMessage(t.Context(), storetest.Now, storetest.Now.Add(time.Minute))
		if err != nil {
			t.Fatal(err)
		}
		if !ok {
			return
		}
		r := notify.Result{Status: notify.Sent, At: storetest.Now}
		if m.Address == failing {
			r = notify.Result{Status: notify.Dead, At: storetest.Now, Error: "550 5.1.1 inconnu"}
		}
		if err := h.store.FinishMessage(t.Context(), m.ID, m.Attempts, r); err != nil {
			t.Fatal(err)
		}
	}
}

// TestSendingsOfSignedMinutes: who received what, what became of it, and how to
// send again; to who prepares the meeting alone.
func TestSendingsOfSignedMinutes(t *testing.T) {
	t.Parallel()
	h := dispatched(t)
	h.settle(t, "solene@medecin.mssante.example")
	h.see(t, "clinician", h.page("minutes")) // cares for the first patient: opens them
	section := h.see(t, "secretary", h.page("minutes")).Find("[aria-labelledby=envois]")
	rows := map[string]string{}
	for _, row := range section.Find("tbody tr").EachIter() {
		name, _, _ := strings.Cut(plainSpaces(said(row.Find("th"))), " ")
		rows[name] = plainSpaces(said(row))
	}
	for who, parts := range map[string][]string{
		"Odile": {"1 sur 1", "Lien, sans nom de patient", "Ouvert"},
		"Dr":    {"1 sur 1", "PDF, messagerie sécurisée", "Échec", "L’adresse n’existe pas chez ce serveur.", "Envoyer à nouveau"},
		"Inès":  {"1 sur 1", "Cercle de soins de 1 patient", "Ouvert le 22/11"},
	} {
		for _, part := range parts {
			if !strings.Contains(rows[who], part) {
				t.Errorf("%s: %q does not say %q", who, rows[who], part)
			}
		}
	}
	if len(rows) != 3 {
		t.Errorf("%d rows: %q", len(rows), rows)
	}
	form := section.Find("form")
	action, _ := form.Attr("action")
	w := h.as(t, "secretary", http.MethodPost, action, url.Values{"meeting": {string(h.meeting.Meeting.ID)}})
	if to := w.Header().Get("Location"); w.Code != http.StatusSeeOther || to != h.page("minutes")+"?did=retry" {
		t.Fatalf("sent again: %d to %s", w.Code, to)
	}
	again := h.see(t, "secretary", h.page("minutes")).Find("[aria-labelledby=envois]")
	if text := said(again); strings.Contains(text, "Échec") || !strings.Contains(text, "En attente") {
		t.Errorf("after sending again: %q", text)
	}
	if h.see(t, "chair", h.page("minutes")).Find("[aria-labelledby=envois]").Length() != 1 {
		t.Error("the chair is not told")
	}
	if h.see(t, "clinician", h.page("minutes")).Find("[aria-labelledby=envois]").Length() != 0 {
		t.Error("a clinician is told")
	}
}
