package web

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rcp-care/rcp/internal/audit"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/lang"
)

// journalView is « Journal des accès ». Nothing of its filter is typed about a
// patient, so that it goes by address.
type journalView struct {
	Base
	Form
	Teams   []choice
	Actions []choice
	Entries []entryRow
	Older   int64 // the next page's cursor; 0: no more
	Query   string
	Wide    bool   // several teams: each line names its own
	Chain   string // "": not checked, "whole" or "broken"
	Bad     int64  // the first entry that does not hold
}

type entryRow struct {
	audit.Entry
	What    string
	Who     string
	From    string
	At      time.Time
	Refused bool
	TeamIs  string
}

// journalPage is how many entries a page shows.
const journalPage = 100

func (s *Server) journal(r *request) error { return s.showJournal(r, "", 0) }

// verifyJournal walks the whole chain and shows the log with what it found.
func (s *Server) verifyJournal(r *request) error {
	bad, err := s.cfg.Journal.Verify(r.ctx(), r.actor)
	if err != nil {
		return err
	}
	if bad != 0 {
		return s.showJournal(r, "broken", bad)
	}
	return s.showJournal(r, "whole", 0)
}

func (s *Server) showJournal(r *request, chain string, bad int64) error {
	teams, err := s.cfg.Meetings.Teams(r.ctx(), r.actor)
	if err != nil {
		return err
	}
	f, form := s.journalFilter(r)
	view := &journalView{Form: form, Chain: chain, Bad: bad}
	names := map[id.Team]string{}
	if r.actor.Admin {
		view.Teams = append(view.Teams, choice{"", r.T("Toutes les équipes"), f.Team == ""})
	}
	for _, t := range teams {
		names[t.ID] = t.Name
		if !r.actor.Admin && !r.actor.In(t.ID, auth.Secretary) {
			continue
		}
		if f.Team == "" && !r.actor.Admin {
			f.Team = t.ID
		}
		view.Teams = append(view.Teams, choice{string(t.ID), t.Name, f.Team == t.ID})
	}
	entries, err := s.cfg.Journal.Entries(r.ctx(), r.actor, f)
	if err != nil {
		return err
	}
	for _, e := range entries {
		view.Entries = append(view.Entries, newEntryRow(r.lang, e, names[e.Team]))
	}
	if len(entries) == journalPage {
		view.Older = entries[len(entries)-1].Seq
	}
	view.Wide = f.Team == ""
	view.Actions = actionChoices(r.lang, f.Action)
	view.Query = "team=" + string(f.Team) + "&action=" + f.Action + "&from=" + form.Get("from") + "&to=" + form.Get("to")
	if view.Base, err = s.base(r, place{menu: "/audit"}, "Journal des accès"); err != nil {
		return err
	}
	return s.render(r, http.StatusOK, "audit", view)
}

func newEntryRow(l string, e audit.Entry, team string) entryRow {
	row := entryRow{
		Entry: e, What: actionWords(l, e.Action), Who: e.ActorName, From: e.Origin, At: e.At.In(paris()),
		Refused: e.Outcome == audit.Refused, TeamIs: team,
	}
	if job, ok := strings.CutPrefix(e.Origin, "job:"); ok {
		row.Who, row.From = lang.T(l, "Tâche automatique"), job
	}
	return row
}

// journalFilter reads the address; a day that cannot be read does not narrow,
// and is said.
func (s *Server) journalFilter(r *request) (audit.Filter, Form) {
	form := Form{Values: r.Request.URL.Query(), Errors: map[string]string{}}
	f := audit.Filter{Limit: journalPage}
	if t := id.Team(r.Query("team")); id.Valid(t) {
		f.Team = t
	}
	if knownAction(r.Query("action")) {
		f.Action = r.Query("action")
	}
	f.Before, _ = strconv.ParseInt(r.Query("before"), 10, 64) // 0, no cursor, when it is no number
	today := s.today(paris())
	if from, ok := readDay(r.Query("from"), today); !ok {
		form.Errors["from"] = r.T(badDay)
	} else if !from.IsZero() {
		f.From = from.In(paris())
	}
	if to, ok := readDay(r.Query("to"), today); !ok {
		form.Errors["to"] = r.T(badDay)
	} else if !to.IsZero() {
		f.To = to.AddDays(1).In(paris())
	}
	return f, form
}

// actionNames are the log's actions in words.
var actionNames = []struct{ key, french string }{
	{"patient.read", lang.Mark("Dossier ouvert")},
	{"patient.search", lang.Mark("Recherche de patients")},
	{"action.own", lang.Mark("Ses actions lues")},
	{"patient.sharing", lang.Mark("Accord ou opposition tracés")},
	{"patient.import", lang.Mark("Patient importé")},
	{"import", lang.Mark("Import")},
	{"plan.assign", lang.Mark("Plan confié à une équipe")},
	{"action.set", lang.Mark("Action suivie")},
	{"event.add", lang.Mark("Événement noté")},
	{"agenda.read", lang.Mark("Ordre du jour lu")},
	{"agenda.draft", lang.Mark("Ordre du jour préparé")},
	{"agenda.order", lang.Mark("Ordre du jour changé")},
	{"agenda.add", lang.Mark("Dossier ajouté")},
	{"agenda.withdraw", lang.Mark("Dossier retiré")},
	{"agenda.restore", lang.Mark("Dossier remis")},
	{"agenda.pin", lang.Mark("Dossier épinglé")},
	{"agenda.minutes", lang.Mark("Durée changée")},
	{"agenda.defer", lang.Mark("Dossier reporté")},
	{"agenda.undefer", lang.Mark("Report annulé")},
	{"case.read", lang.Mark("Fiche lue")},
	{"case.begin", lang.Mark("Discussion commencée")},
	{"case.finish", lang.Mark("Discussion terminée")},
	{"case.decision", lang.Mark("Décision lue")},
	{"decision.read", lang.Mark("Décision lue")},
	{"decision.record", lang.Mark("Décision enregistrée")},
	{"paper.list", lang.Mark("Documents d’un dossier vus")},
	{"paper.read", lang.Mark("Document ouvert")},
	{"paper.add", lang.Mark("Document ajouté")},
	{"paper.remove", lang.Mark("Document retiré")},
	{"paper.restore", lang.Mark("Document remis")},
	{"paper.scan", lang.Mark("Document analysé par l’antivirus")},
	{"minutes.read", lang.Mark("Compte rendu lu")},
	{"minutes.review", lang.Mark("Compte rendu relu")},
	{"minutes.preview", lang.Mark("Destinataires vus")},
	{"minutes.sign", lang.Mark("Compte rendu signé")},
	{"minutes.amend", lang.Mark("Compte rendu corrigé")},
	{"minutes.pdf", lang.Mark("PDF ouvert")},
	{"minutes.archive", lang.Mark("Archives lues")},
	{"meeting.read", lang.Mark("Réunion lue")},
	{"meeting.make", lang.Mark("Réunions créées")},
	{"meeting.create", lang.Mark("Réunion créée")},
	{"meeting.open", lang.Mark("Invitations envoyées")},
	{"meeting.close", lang.Mark("Inscriptions closes")},
	{"meeting.start", lang.Mark("Réunion commencée")},
	{"meeting.end", lang.Mark("Réunion terminée")},
	{"meeting.move", lang.Mark("Réunion déplacée")},
	{"minutes.search", lang.Mark("Archives cherchées")},
	{"minutes.export", lang.Mark("Export d’une année demandé")},
	{"minutes.export-read", lang.Mark("Export d’une année téléchargé")},
	{"meeting.cancel", lang.Mark("Réunion annulée")},
	{"meeting.invite", lang.Mark("Personne invitée à une réunion")},
	{"meeting.uninvite", lang.Mark("Invitation retirée")},
	{"meeting.suggest", lang.Mark("Remplaçants cherchés")},
	{"meeting.attendance", lang.Mark("Présences notées")},
	{"request.make", lang.Mark("Demande faite")},
	{"request.receive", lang.Mark("Demande reçue de l’extérieur")},
	{"request.match", lang.Mark("Demande rattachée au patient")},
	{"request.refuse", lang.Mark("Demande close")},
	{"request.read", lang.Mark("Demande lue")},
	{"outside-link.make", lang.Mark("Lien d’inscription donné")},
	{"outside-link.revoke", lang.Mark("Lien d’inscription repris")},
	{"request.list", lang.Mark("Demandes lues")},
	{"request.withdraw", lang.Mark("Demande retirée")},
	{"team.read", lang.Mark("Équipe lue")},
	{"team.letterhead", lang.Mark("En-tête du compte rendu changé")},
	{"team.save", lang.Mark("Équipe changée")},
	{"series.save", lang.Mark("Série changée")},
	{"professional.save", lang.Mark("Professionnel changé")},
	{"message.read", lang.Mark("Message lu")},
	{"message.retry", lang.Mark("Message renvoyé")},
	{"message.cancel", lang.Mark("Message annulé")},
	{"inbound.receive", lang.Mark("Réponse reçue par courriel")},
	{"inbound.upload", lang.Mark("Courriel déposé")},
	{"inbound.list", lang.Mark("Réponses lues")},
	{"inbound.read", lang.Mark("Courriel lu")},
	{"inbound.assign", lang.Mark("Courriel traité à la main")},
	{"inbound.dismiss", lang.Mark("Courriel classé sans suite")},
	{"proposal.accept", lang.Mark("Autre date acceptée")},
	{"proposal.refuse", lang.Mark("Autre date refusée")},
	{"outbox.list", lang.Mark("Envois lus")},
	{"audit.read", lang.Mark("Journal lu")},
	{"audit.verify", lang.Mark("Journal vérifié")},
	{"account.sign-in", lang.Mark("Connexion")},
	{"account.sign-out", lang.Mark("Déconnexion")},
	{"access.refused", lang.Mark("Accès refusé")},
	{"account.confirm", lang.Mark("Mot de passe redemandé")},
	{"account.lang", lang.Mark("Langue changée")},
	{"account.save", lang.Mark("Compte changé")},
	{"account.list", lang.Mark("Comptes lus")},
	{"account.give", lang.Mark("Accès donné")},
	{"account.password", lang.Mark("Mot de passe changé")},
	{"account.disable", lang.Mark("Compte désactivé")},
	{"account.enable", lang.Mark("Compte réactivé")},
	{"account.admin", lang.Mark("Administration donnée")},
	{"account.unadmin", lang.Mark("Administration retirée")},
	{"token.create", lang.Mark("Jeton d’accès créé")},
	{"token.revoke", lang.Mark("Jeton d’accès révoqué")},
	{"calendar.create", lang.Mark("Lien d’agenda créé")},
	{"calendar.revoke", lang.Mark("Lien d’agenda révoqué")},
}

func knownAction(key string) bool {
	return slices.ContainsFunc(actionNames, func(a struct{ key, french string }) bool { return a.key == key })
}

func actionWords(l, key string) string {
	for _, a := range actionNames {
		if a.key == key {
			return lang.T(l, a.french)
		}
	}
	return key
}

func actionChoices(l, chosen string) []choice {
	all := []choice{{"", lang.T(l, "Toutes les actions"), chosen == ""}}
	for _, a := range actionNames {
		all = append(all, choice{a.key, lang.T(l, a.french), a.key == chosen})
	}
	return all
}
