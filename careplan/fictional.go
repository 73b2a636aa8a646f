package careplan

import (
	"context"
	"fmt"
	"time"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
)

// MakeFictional gives a training team its twelve invented patients, with the
// professionals of circle around them. Their identity is provisional, without
// IPP or INS, and their names say that they are invented. Doing it again changes
// nothing. It takes an administrator, or a secretary of the team; a team that
// is not for training gets refused lines in the report.
func (s *Service) MakeFictional(ctx context.Context, a auth.Actor, team id.Team, circle []SourceProfessional) (Report, error) {
	t := Target{Org: a.Org, Team: team, Fictional: true}
	return s.bring(ctx, a, t, func(int, int) {}, fictional(team, date.Of(s.now()), circle))
}

// Followed reports whether a team follows any patient yet, to its members and
// to an administrator.
func (s *Service) Followed(ctx context.Context, a auth.Actor, team id.Team) (bool, error) {
	const op = "careplan.Followed"
	if !a.Admin && !a.In(team) {
		by := a.Change(s.now(), "patient.search", "team", string(team))
		by.Entry.Team = team
		return false, s.refuse(ctx, op, by, "Vous n’êtes pas membre de cette équipe.")
	}
	some, err := s.store.Followed(ctx, a.Org, team)
	return some, fault.Wrap(op, err)
}

// fictionalSystem begins the systems of the keys of what is invented.
const fictionalSystem = "urn:rcp:formation:"

// invented is one fictional patient. Days count from today.
type invented struct {
	family, given string
	sex           Sex
	age           int
	plan, expects string
	last, next    int // of the reviews
	aims          []inventedAim
	event         EventKind // of last week; empty: none
}

type inventedAim struct {
	title, domain, expected string
	due                     int
	achievement             Achievement
	action                  string
	actionDue               int
}

// fictional is the batch of a team's invented patients.
func fictional(team id.Team, today date.Date, circle []SourceProfessional) Batch {
	var b Batch
	for n, p := range inventedPatients() {
		b.invent(fmt.Sprintf("%s/%d", team, n+1), p, today, circle)
	}
	return b
}

func (b *Batch) invent(value string, p invented, today date.Date, circle []SourceProfessional) {
	key := func(kind, of string) Key { return Key{System: fictionalSystem + kind, Value: of} }
	who, plan := key("patient", value), key("plan", value)
	b.Patients = append(b.Patients, SourcePatient{Keys: []Key{who}, Patient: Patient{
		BirthFamily: "Fictif-" + p.family, BirthGiven: p.given, BirthNames: p.given, Sex: p.sex,
		BirthDate: date.New(today.In(time.UTC).Year()-p.age, time.Month(1+len(p.family)), 1+len(p.plan)%28), Identity: Provisional,
		Sharing: SharingAgreed, SharingOn: today.AddDays(p.last), Informed: true, Language: "fr",
	}})
	b.Plans = append(b.Plans, SourcePlan{Key: plan, Patient: who, Plan: Plan{
		Title: p.plan, Status: PlanActive, Start: today.AddDays(p.last - 120), LastReview: today.AddDays(p.last), NextReview: today.AddDays(p.next),
		Expectations: []Expectation{{Text: p.expects, Origin: "Usager", On: today.AddDays(p.last)}},
	}})
	for i, aim := range p.aims {
		at := fmt.Sprintf("%s/%d", value, i+1)
		b.Objectives = append(b.Objectives, SourceObjective{Key: key("objective", at), Plan: plan, Patient: who, Objective: Objective{
			Title: aim.title, Domain: aim.domain, Expected: aim.expected, Start: today.AddDays(p.last), Due: today.AddDays(aim.due),
			Lifecycle: Active, Achievement: aim.achievement, AchievementOn: today.AddDays(p.last), Position: i + 1,
		}})
		b.Actions = append(b.Actions, SourceAction{Key: key("action", at), Plan: plan, Patient: who, Objective: key("objective", at), Action: Action{
			Title: aim.action, Status: Requested, Start: today.AddDays(p.last), Due: today.AddDays(aim.actionDue),
		}})
	}
	if p.event != "" {
		b.Events = append(b.Events, SourceEvent{Key: key("event", value), Patient: who, Event: PatientEvent{Kind: p.event, On: today.AddDays(-5)}})
	}
	for _, pro := range circle {
		b.Circle = append(b.Circle, SourceCircle{Patient: who, Professional: pro.Key, Role: "member"})
	}
}

// inventedPatients are the twelve, all of whose lives are made up. Seven have a
// reason to be reviewed today or within the week.
func inventedPatients() []invented {
	walk := func(due int, a Achievement, actionDue int) inventedAim {
		return inventedAim{"Marcher jusqu’à la boulangerie", "Mobilité", "200 m avec une canne, sans arrêt", due, a, "Trois séances de kinésithérapie par semaine", actionDue}
	}
	eat := func(due int, a Achievement, actionDue int) inventedAim {
		return inventedAim{"Reprendre du poids", "Nutrition", "2 kg repris en trois mois", due, a, "Pesée chaque semaine et collation enrichie", actionDue}
	}
	pain := func(due int, a Achievement, actionDue int) inventedAim {
		return inventedAim{"Être soulagé la nuit", "Douleur", "Douleur à 3 sur 10 au plus la nuit", due, a, "Réévaluer l’antalgique du soir", actionDue}
	}
	home := func(due int, a Achievement, actionDue int) inventedAim {
		return inventedAim{"Rester à la maison", "Vie quotidienne", "Aide en place matin et soir", due, a, "Demander le passage d’une aide à domicile", actionDue}
	}
	return []invented{
		{"Aubépine", "Rose", Female, 84, "Retour à domicile après une chute", "Je veux dormir chez moi.", -95, -5, []inventedAim{walk(-3, InProgress, -6), home(40, InProgress, 20)}, Fall},
		{"Bruyère", "Paul", Male, 79, "Dénutrition après une pneumopathie", "Retrouver l’appétit.", -90, 0, []inventedAim{eat(-8, NotAchieved, -12)}, ""},
		{"Capucine", "Jeanne", Female, 91, "Maintien à domicile", "Garder mon chat.", -60, 30, []inventedAim{home(60, NoChange, 25), pain(-2, Worsening, 10)}, ""},
		{"Digitale", "Henri", Male, 73, "Douleurs chroniques", "Jardiner au printemps.", -100, -12, []inventedAim{pain(-20, NoProgress, -15)}, ""},
		{"Églantine", "Louise", Female, 88, "Troubles de la mémoire", "Reconnaître mes petits-enfants.", -85, 5, []inventedAim{home(14, InProgress, 12)}, Hospitalisation},
		{"Fougère", "André", Male, 67, "Suites d’un accident vasculaire", "Conduire de nouveau.", -30, 60, []inventedAim{walk(55, Improving, 30), eat(50, InProgress, 40)}, ""},
		{"Genêt", "Marie", Female, 76, "Insuffisance cardiaque", "Monter l’escalier.", -92, -2, []inventedAim{walk(-1, Worsening, -4)}, Return},
		{"Houblon", "Jean", Male, 82, "Plaie chronique", "Remettre mes chaussures.", -40, 50, []inventedAim{pain(45, InProgress, 21)}, ""},
		{"Iris", "Odette", Female, 90, "Fin de vie à domicile", "Ne pas souffrir.", -20, 10, []inventedAim{pain(5, InProgress, 3), home(30, InProgress, 15)}, NewTreatment},
		{"Jonquille", "Lucien", Male, 71, "Diabète et isolement", "Manger avec quelqu’un.", -15, 75, []inventedAim{eat(70, InProgress, 35)}, ""},
		{"Lavande", "Simone", Female, 86, "Chutes répétées", "Sortir au marché.", -98, -8, []inventedAim{walk(-15, NoChange, -9)}, Fall},
		{"Mélisse", "René", Male, 80, "Aidante épuisée", "Souffler un peu.", -50, 40, []inventedAim{home(35, NoChange, 28)}, ""},
	}
}
