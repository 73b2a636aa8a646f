package web

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/lang"
	"github.com/rcp-care/rcp/meetings"
	"github.com/rcp-care/rcp/minutes"
)

// patientView is a patient's page: their plans, what was decided, who cares for
// them and who opened the file.
type patientView struct {
	Base
	Form
	Which    string // the refused form: "sharing", "event" or an action's id
	P        careplan.Patient
	Age      int
	Sex      string
	Identity state
	Sharing  state
	Referent string
	Plans    []planView
	Thread   []moment
	Circle   []circleRow
	Opened   opened
	Reasons  []choice // why an action was not done
	Hows     []choice // how the patient is told
	Tell     []tellRow
	Events   []choice
	Today    date.Date
	MayPlan  bool // make a plan, in a team that the person leads and that has none
}

// Expects is the heading over the patient's own words.
func (v *patientView) Expects() string { return expects(v.Lang, v.P.Sex) }

func expects(l string, sex careplan.Sex) string {
	switch sex {
	case careplan.Female:
		return lang.T(l, "Ce qu’elle attend")
	case careplan.Male:
		return lang.T(l, "Ce qu’il attend")
	}
	return lang.T(l, "Ce que la personne attend")
}

// Back brings a form of the page back to it.
func (v *patientView) Back() map[string]string {
	return map[string]string{"patient": string(v.P.ID)}
}

type planView struct {
	careplan.Plan
	Status  state
	TeamIs  string
	Goals   []goalView
	Actions []actionRow // still to do, and those done last
	Done    int         // finished ones that are not shown

	From        *planSource     // the protocol it was made from, for the team
	MayActivate bool            // a draft, by who leads the team
	Adopters    []meetings.Team // who may take a plan of no team: those that the person leads
}

type goalView struct {
	careplan.Objective
	Traj  traj
	Last  minutes.Verdict
	Late  int // days
	Over  bool
	State string
}

type actionRow struct {
	careplan.Action
	For    string // its objective
	State  state
	Open   bool
	Reason string
	// Remind is the team by whose hand its owner may be reminded; empty: not.
	Remind   id.Team
	Reminded careplan.Reminder // the last one
}

// moment is one line of the thread.
type moment struct {
	On          date.Date
	Title, Meta string
	Link        string
	Extract     string // the patient's part as PDF
	Now         bool
}

type circleRow struct{ Name, Role string }

// opened is who read the file lately.
type opened struct {
	Times, People int
	Last          string
	At            time.Time
	Today         bool
}

func (s *Server) patient(r *request) error { return s.showPatient(r, http.StatusOK, Form{}, "") }

func (s *Server) showPatient(r *request, status int, f Form, which string) error {
	p, err := pathID[id.Patient](r, "id")
	if err != nil {
		return err
	}
	file, err := s.cfg.Patients.File(r.ctx(), r.actor, p)
	if err != nil {
		return err
	}
	past, err := s.cfg.Minutes.DecisionsOf(r.ctx(), r.actor, p)
	if err != nil {
		return err
	}
	view := &patientView{Form: f, Which: which, P: file.Patient, Sex: sexLetter(file.Patient.Sex), Today: s.today(paris())}
	if !file.Patient.BirthDate.IsZero() {
		view.Age = file.Patient.BirthDate.AgeAt(view.Today)
	}
	view.Identity, view.Sharing = identityState(r.lang, file.Patient.Identity), sharingState(r.lang, file.Patient)
	view.offer(r.lang)
	view.Thread = thread(r.lang, file, past)
	if err := s.fillPeople(r, view, file); err != nil {
		return err
	}
	if view.Plans, err = s.planViews(r, file, past, view.Today); err != nil {
		return err
	}
	if err := s.offerPlans(r, view); err != nil {
		return err
	}
	if err := s.follow(r, view); err != nil {
		return err
	}
	if view.Opened, err = s.whoOpened(r, p); err != nil {
		return err
	}
	if view.Base, err = s.base(r, place{menu: "/patients"}, "Dossier d’un patient"); err != nil {
		return err
	}
	view.Toast = patientToast(r)
	return s.render(r, status, "patient", view)
}

func patientToast(r *request) *Toast {
	switch r.Query("did") {
	case "told":
		return &Toast{Text: r.T("C’est noté : le patient est informé.")}
	case "remind", "already":
		return remindToast(r)
	case "action":
		return &Toast{Text: r.T("L’action est mise à jour.")}
	case "sharing":
		return &Toast{Text: r.T("L’accord est tracé.")}
	case "plan":
		return &Toast{Text: r.T("Le plan est fait.")}
	case "activate":
		return &Toast{Text: r.T("Le plan est actif.")}
	case "assign":
		return &Toast{Text: r.T("L’équipe suit ce plan.")}
	case "event":
		return &Toast{Text: r.T("L’événement est noté. Il compte pour le prochain ordre du jour.")}
	}
	return nil
}

// sexLetter is F, M or I as identity documents have it.
func sexLetter(s careplan.Sex) string {
	switch s {
	case careplan.Female:
		return "F"
	case careplan.Male:
		return "M"
	}
	return "I"
}

func identityState(l string, s careplan.IdentityStatus) state {
	switch s {
	case careplan.Qualified:
		return state{"ok", lang.T(l, "Qualifiée")}
	case careplan.Validated:
		return state{"run", lang.T(l, "Validée")}
	case careplan.Retrieved:
		return state{"run", lang.T(l, "Récupérée")}
	}
	return state{"warn", lang.T(l, "Provisoire")}
}

func sharingState(l string, p careplan.Patient) state {
	day := lang.Numeric(p.SharingOn)
	switch {
	case p.Sharing == careplan.SharingAgreed && day != "":
		return state{"ok", lang.T(l, "Tracé le %s", day)}
	case p.Sharing == careplan.SharingAgreed:
		return state{"ok", lang.T(l, "Tracé")}
	case p.Sharing == careplan.SharingOpposed:
		return state{"bad", lang.T(l, "Opposition")}
	}
	return state{"todo", lang.T(l, "Non renseigné")}
}

// offer fills the choices of the forms.
func (v *patientView) offer(l string) {
	v.Reasons = notDone(l, v.Form)
	for _, k := range careplan.EventKinds() {
		v.Events = append(v.Events, choice{string(k), eventWord(l, k), v.Is("kind", string(k))})
	}
}

func eventWord(l string, k careplan.EventKind) string {
	switch k {
	case careplan.Hospitalisation:
		return lang.T(l, "Hospitalisation")
	case careplan.Return:
		return lang.T(l, "Retour d’hospitalisation")
	case careplan.Fall:
		return lang.T(l, "Chute")
	case careplan.Transfer:
		return lang.T(l, "Transfert")
	case careplan.NewTreatment:
		return lang.T(l, "Nouveau traitement")
	case careplan.CarerDeath:
		return lang.T(l, "Décès d’un aidant")
	case careplan.Complaint:
		return lang.T(l, "Plainte ou réclamation")
	case careplan.AdverseEvent:
		return lang.T(l, "Événement indésirable")
	case careplan.DischargePlanned:
		return lang.T(l, "Sortie prévue")
	}
	return lang.T(l, "Autre événement")
}

// fillPeople names the care circle and the referent.
func (s *Server) fillPeople(r *request, view *patientView, file careplan.File) error {
	everybody, err := s.cfg.Meetings.Professionals(r.ctx(), r.actor)
	if err != nil {
		return err
	}
	names := map[id.Professional]auth.Professional{}
	for _, p := range everybody {
		names[p.ID] = p
	}
	for _, c := range file.Circle {
		p, known := names[c.Professional]
		ended := !c.Until.IsZero() && c.Until.Before(view.Today)
		if !known || ended || slices.ContainsFunc(view.Circle, func(r circleRow) bool { return r.Name == p.Name() }) {
			continue
		}
		view.Circle = append(view.Circle, circleRow{p.Name(), circleWord(r.lang, c.Role, p.Profession)})
	}
	for _, plan := range file.Plans {
		if p, ok := names[plan.Referent]; ok && view.Referent == "" {
			view.Referent = p.Name()
		}
		view.Referent = cmp.Or(view.Referent, plan.ReferentName)
	}
	return nil
}

func circleWord(l, role, profession string) string {
	switch role {
	case "medecin-traitant":
		return lang.T(l, "médecin traitant")
	case "referent":
		return lang.T(l, "référent")
	}
	return professionName(l, profession)
}

// whoOpened sums up the readings of thirty days.
func (s *Server) whoOpened(r *request, p id.Patient) (opened, error) {
	if s.cfg.Journal == nil {
		return opened{}, nil
	}
	all, err := s.cfg.Journal.OfPatient(r.ctx(), r.actor, p, s.now().AddDate(0, 0, -30), auth.MaxEntries)
	if err != nil {
		return opened{}, err
	}
	o, people := opened{}, map[id.Professional]bool{}
	for _, e := range all {
		if e.Actor == "" {
			continue // a job
		}
		o.Times++
		people[e.Actor] = true
		if o.Last == "" && e.Actor != r.actor.Professional {
			o.Last, o.At = e.ActorName, e.At.In(paris())
			o.Today = date.Of(o.At) == s.today(paris())
		}
	}
	o.People = len(people)
	return o, nil
}

// quoted puts what somebody said between guillemets, unless they already are.
func quoted(said string) string {
	if strings.Contains(said, "«") {
		return said
	}
	return "«\u00a0" + said + "\u00a0»"
}

// thread is what happened to the patient, newest first.
func thread(l string, file careplan.File, past []minutes.PastDecision) []moment {
	var all []moment
	for _, d := range past {
		m := moment{On: date.Of(d.MeetingAt.In(paris())), Title: d.Summary, Link: "/meetings/" + string(d.Meeting) + "/minutes"}
		m.Extract = m.Link + ".pdf?patient=" + string(file.Patient.ID)
		if m.Title == "" {
			m.Title = lang.T(l, "Discuté, sans décision écrite")
		}
		m.Meta = d.TeamName
		if d.Informer != "" {
			m.Meta = lang.T(l, "%s. À dire par %s", d.TeamName, d.Informer)
		}
		all = append(all, m)
	}
	for _, e := range file.Events {
		all = append(all, moment{On: e.On, Title: eventWord(l, e.Kind), Meta: e.Text})
	}
	for _, p := range file.Plans {
		if !p.Start.IsZero() {
			all = append(all, moment{On: p.Start, Title: lang.T(l, "Plan commencé"), Meta: p.Title})
		}
	}
	slices.SortStableFunc(all, func(a, b moment) int { return b.On.Sub(a.On) })
	if most := 12; len(all) > most {
		all = all[:most]
	}
	if len(all) > 0 {
		all[0].Now = true
	}
	return all
}
