package web

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/rcp-care/rcp/agenda"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/lang"
	"github.com/rcp-care/rcp/meetings"
)

// answers are the answers of one profession or specialty, for the dots.
type answers struct {
	Name     string
	Required bool
	Dots     []string // classes: y yes, m maybe, w no answer, n no
	Label    string   // the dots in words
	Who      string   // names of those who come, else of those asked
	Lacks    string   // nobody comes or may come: since when; empty otherwise
}

// dotOf is the mark of an answer. Who sends somebody else does not come.
func dotOf(a meetings.Answer) string {
	switch a {
	case meetings.Accepted:
		return "y"
	case meetings.Tentative:
		return "m"
	case meetings.Declined, meetings.Delegated:
		return "n"
	}
	return "w"
}

// answersOf groups the answers by profession, in the order of professions.
func answersOf(r *request, full meetings.Full) []answers {
	o := meetings.Foresee(full.Meeting.Kind, full.Team.Quorum, full.Attendance)
	out := make([]answers, len(o.Professions))
	for i, t := range o.Professions {
		out[i] = turnoutOf(r, full.Meeting, t)
		out[i].Name = professionName(r.lang, t.Key)
	}
	return out
}

// specialtiesOf groups the answers of the physicians by specialty, for the
// meetings whose quorum asks for specialties.
func specialtiesOf(r *request, full meetings.Full) []answers {
	if full.Meeting.Kind != meetings.RCP && full.Team.Quorum.MinSpecialties == 0 {
		return nil
	}
	o := meetings.Foresee(full.Meeting.Kind, full.Team.Quorum, full.Attendance)
	out := make([]answers, len(o.Specialties))
	for i, t := range o.Specialties {
		out[i] = turnoutOf(r, full.Meeting, t)
		out[i].Name = t.Key
	}
	return out
}

// turnoutOf says who comes of a profession or specialty.
func turnoutOf(r *request, m meetings.Meeting, t meetings.Turnout) answers {
	a := answers{Required: t.Required, Who: comingText(r, m, t.Yes)}
	for range t.Yes {
		a.Dots = append(a.Dots, "y")
	}
	for _, one := range t.Maybe {
		a.Dots = append(a.Dots, dotOf(one.Answer))
	}
	for range t.No {
		a.Dots = append(a.Dots, "n")
	}
	slices.SortFunc(a.Dots, func(a, b string) int { return strings.Index("ymwn", a) - strings.Index("ymwn", b) })
	a.Label = dotsLabel(r, a.Dots)
	if a.Who == "" {
		a.Who = comingText(r, m, t.Maybe)
	}
	if t.Nobody() {
		a.Who, a.Lacks = namesOf(t.No), nobody(r, m, t)
	}
	return a
}

// nobody says since when a profession lacks.
func nobody(r *request, m meetings.Meeting, t meetings.Turnout) string {
	if len(t.No) == 0 {
		return r.T("personne d’invité")
	}
	var since time.Time
	for _, a := range t.No {
		if a.AnsweredAt.After(since) {
			since = a.AnsweredAt
		}
	}
	if since.IsZero() {
		return r.T("ne vient pas")
	}
	return r.T("décliné le %s", lang.DayMonth(date.Of(since.In(m.Location()))))
}

func namesOf(all []meetings.Attendance) string {
	names := make([]string, len(all))
	for i, a := range all {
		names[i] = a.Professional.Name()
	}
	return strings.Join(names, ", ")
}

// comingText names those who come, with the hours of who is not there all along.
func comingText(r *request, m meetings.Meeting, all []meetings.Attendance) string {
	names := make([]string, len(all))
	for i, a := range all {
		names[i] = a.Professional.Name()
		if hours := hoursText(r, m, a); hours != "" {
			names[i] = r.T("%s, %s", names[i], hours)
		}
	}
	return strings.Join(names, ", ")
}

// hoursText says when somebody comes or leaves: arrivée à 15 h 00.
func hoursText(r *request, m meetings.Meeting, a meetings.Attendance) string {
	from, until := lang.Clock(r.lang, inZone(a.ExpectFrom, m)), lang.Clock(r.lang, inZone(a.ExpectUntil, m))
	switch {
	case a.ExpectFrom.IsZero() && a.ExpectUntil.IsZero():
		return ""
	case a.ExpectUntil.IsZero():
		return r.T("arrivée à %s", from)
	case a.ExpectFrom.IsZero():
		return r.T("départ à %s", until)
	}
	return r.T("de %s à %s", from, until)
}

// dotsLabel says the dots: 2 oui, 1 sans réponse.
func dotsLabel(r *request, dots []string) string {
	var parts []string
	for _, kind := range []struct{ dot, word string }{
		{"y", lang.Mark("%d oui")}, {"m", lang.Mark("%d peut-être")}, {"w", lang.Mark("%d sans réponse")}, {"n", lang.Mark("%d non")},
	} {
		n := 0
		for _, d := range dots {
			if d == kind.dot {
				n++
			}
		}
		if n > 0 {
			parts = append(parts, r.T(kind.word, n))
		}
	}
	return strings.Join(parts, ", ")
}

// forecast says what the answers promise for the quorum, and for how many
// cases of the agenda they do not.
func forecast(r *request, full meetings.Full, threatened int) verdict {
	o := meetings.Foresee(full.Meeting.Kind, full.Team.Quorum, full.Attendance)
	switch {
	case !slices.ContainsFunc(full.Attendance, func(a meetings.Attendance) bool { return a.Role != auth.Secretary }):
		return verdict{state{"todo", r.T("Quorum inconnu")}, r.T("Personne n’est invité.")}
	case o.State == meetings.QuorumNotReached:
		return verdict{threatenedState(r, "bad", threatened), lacking(r, full, o, o.Missing)}
	case o.State == meetings.QuorumUnknown && !full.Meeting.Announced():
		return verdict{state{"todo", r.T("Quorum inconnu")}, r.T("Les invitations ne sont pas parties.")}
	case o.State == meetings.QuorumUnknown && o.Awaited > 0:
		return verdict{state{"todo", lang.N(r.lang, o.Awaited, "En attente de %d réponse", "En attente de %d réponses")}, lacking(r, full, o, o.Hanging)}
	case o.State == meetings.QuorumUnknown:
		return verdict{state{"run", lang.N(r.lang, o.Undecided, "Tient à %d « peut-être »", "Tient à %d « peut-être »")}, lacking(r, full, o, o.Hanging)}
	case threatened > 0:
		return verdict{threatenedState(r, "warn", threatened), ""}
	}
	return verdict{state{"ok", r.T("Quorum prévu")}, ""}
}

func threatenedState(r *request, class string, threatened int) state {
	if threatened == 0 {
		return state{class, r.T("Quorum menacé")}
	}
	return state{class, lang.N(r.lang, threatened, "Quorum menacé pour %d dossier", "Quorum menacé pour %d dossiers")}
}

// lacking says what each need lacks: 2 spécialités médicales sur 3 ; infirmier :
// décliné le 20/11.
func lacking(r *request, full meetings.Full, o meetings.Outlook, needs []string) string {
	var parts []string
	for _, need := range needs {
		switch t := o.Profession(need); {
		case need == meetings.NeedSpecialties || need == meetings.NeedProfessions:
			q := o.Now
			q.Missing = []string{need}
			parts = append(parts, missing(r, full.Team, q))
		case t.Nobody():
			parts = append(parts, r.T("%s : %s", strings.ToLower(professionName(r.lang, need)), nobody(r, full.Meeting, t)))
		default:
			parts = append(parts, r.T("%s : réponse attendue", strings.ToLower(professionName(r.lang, need))))
		}
	}
	return capital(strings.Join(parts, "\u202f; "))
}

// capital begins a sentence.
func capital(s string) string {
	if s == "" {
		return s
	}
	first, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(first)) + s[size:]
}

// forecastView is what the answers promise, on the meeting's page.
type forecastView struct {
	verdict
	Specialties []answers
	Threats     []threatView
	Away        []threatView // only because of the hour they are planned at
	Hidden      int          // threatened cases of patients whom the person does not follow
	Guests      []meetings.Attendance
	Rescue      *rescue // for those who lead; nil: nothing to do
}

// threatView is a case that would lack somebody.
type threatView struct {
	agenda.Threat
	Why     string
	At      time.Time // planned start, in the meeting's zone
	To      time.Time // where nothing would lack; zero: nowhere
	Earlier bool
}

// rescue is what could save the quorum.
type rescue struct {
	Reliefs []reliefView
	Dates   []meetings.FreeDate // in the meeting's zone
}

type reliefView struct {
	Name string
	Who  []meetings.Substitute
}

// forecastOf works out the forecast shown beside an agenda.
func (s *Server) forecastOf(r *request, h meetingHead, full meetings.Full, g agenda.Agenda) (forecastView, error) {
	v := forecastView{Specialties: specialtiesOf(r, full), verdict: forecast(r, full, 0)}
	for _, a := range full.Attendance {
		if full.Guest(a.Professional.ID) {
			v.Guests = append(v.Guests, a)
		}
	}
	if !h.Is("draft", "open", "closed") {
		return v, nil
	}
	o, err := s.cfg.Agenda.Outlook(r.ctx(), r.actor, g)
	if err != nil {
		return v, err
	}
	v.verdict, v.Hidden = forecast(r, full, o.Threatened()), o.Hidden
	for _, t := range o.Threats {
		one := threatView{Threat: t, Why: gapsText(r, t.Gaps), At: inZone(t.At, full.Meeting)}
		if t.Better != nil {
			one.To, one.Earlier = inZone(t.Better.At, full.Meeting), t.Better.At.Before(t.At)
		}
		if slices.ContainsFunc(t.Gaps, func(g agenda.Gap) bool { return !g.Away }) {
			v.Threats = append(v.Threats, one)
		} else {
			v.Away = append(v.Away, one)
		}
	}
	if h.Leads && (o.Meeting.State != meetings.QuorumReached || len(o.Threats) > 0) {
		v.Rescue, err = s.rescue(r, full, o.Professions())
	}
	return v, err
}

// gapsText says what a case lacks: pas de kinésithérapeute (Paul Durand).
func gapsText(r *request, gaps []agenda.Gap) string {
	parts := make([]string, len(gaps))
	for i, g := range gaps {
		if g.Away {
			parts[i] = awayText(r, g)
			continue
		}
		parts[i] = r.T("%s absent : %s", strings.ToLower(professionName(r.lang, g.Profession)), strings.Join(g.Who, ", "))
		if !g.Invited {
			parts[i] = r.T("%s non invité : %s", strings.ToLower(professionName(r.lang, g.Profession)), strings.Join(g.Who, ", "))
		}
	}
	return strings.Join(parts, "\u202f; ")
}

// awayText says who is not there at that hour.
func awayText(r *request, g agenda.Gap) string {
	switch g.Profession {
	case meetings.NeedSpecialties:
		return r.T("trop peu de spécialités médicales à cette heure")
	case meetings.NeedProfessions:
		return r.T("trop peu de professions à cette heure")
	}
	return r.T("%s absent à cette heure : %s", strings.ToLower(professionName(r.lang, g.Profession)), strings.Join(g.Who, ", "))
}

func (s *Server) rescue(r *request, full meetings.Full, professions []string) (*rescue, error) {
	found, err := s.cfg.Meetings.Suggest(r.ctx(), r.actor, full.Meeting.ID, professions...)
	if err != nil {
		return nil, err
	}
	a := &rescue{Dates: found.Dates}
	for _, one := range found.Reliefs {
		name := professionName(r.lang, one.Need)
		switch one.Need {
		case meetings.NeedSpecialties:
			name = r.T("Une autre spécialité médicale")
		case meetings.NeedProfessions:
			name = r.T("Une autre profession")
		}
		a.Reliefs = append(a.Reliefs, reliefView{name, one.Who})
	}
	return a, nil
}
