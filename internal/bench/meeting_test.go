package bench

import (
	"fmt"
	"time"

	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
	"github.com/rcp-care/rcp/minutes"
)

// twenty is a signed meeting of twenty patients, written as a team writes.
func twenty() minutes.Content {
	at := time.Date(2026, 11, 26, 13, 30, 0, 0, time.UTC)
	c := minutes.Content{
		Org: "Centre de soins de Valbrume", FINESS: "210012345",
		Letterhead: []string{"12, rue des Tilleuls, 21000 Valbrume", "Tél. 03 80 00 00 00"},
		Team:       "Gériatrie, secteur Nord", TeamID: "team-1", Kind: meetings.Synthese, Meeting: "meeting-1",
		Starts: at, Ends: at.Add(3 * time.Hour), Zone: "Europe/Paris", Room: "Salle Marie-Curie, 2e étage",
		Participants: []minutes.Participant{
			{Name: "Dr Solène Varennes", Profession: "Médecin", Specialty: "Gériatrie", RPPS: "10101234567", Role: "chair", Presence: meetings.Present},
			{Name: "Odile Marchenoir", Profession: "Secrétaire", Role: "secretary", Presence: meetings.Present},
			{Name: "Inès Karaoui", Profession: "Infirmier", RPPS: "10102345678", Role: "clinician", Presence: meetings.Present},
			{Name: "Thibault Lescure", Profession: "Kinésithérapeute", RPPS: "10104567890", Role: "clinician", Presence: meetings.Present},
			{Name: "Joël Quintane", Profession: "Assistant social", Role: "clinician", Presence: meetings.Present},
			{Name: "Maud Ferrandon", Profession: "Pharmacien", RPPS: "10105678901", Role: "clinician", Presence: meetings.Excused},
		},
		Version: 1, Signer: "Dr Solène Varennes", SignerRPPS: "10101234567", SignedAt: at.Add(200 * time.Minute),
	}
	families := []string{"Aubriot", "Tessonnier", "Descouty", "Malbranque", "Chauverot"}
	for i := range 20 {
		c.Cases = append(c.Cases, sheet(i, families[i%len(families)], at.Add(time.Duration(9*i)*time.Minute)))
	}
	return c
}

// sheet is one patient's part: some have much to say, others little.
func sheet(i int, family string, at time.Time) minutes.Case {
	on := func(days int) date.Date { return date.Of(at).AddDays(days) }
	k := minutes.Case{
		Case: id.Case(fmt.Sprintf("case-%d", i)), Patient: id.Patient(fmt.Sprintf("patient-%d", i)),
		BirthFamily: family, BirthGiven: "Lucienne", Sex: careplan.Female, BirthDate: date.New(1936+i%12, 3, 14),
		IPP: fmt.Sprintf("0047%03d", i), Identity: careplan.Validated, Referent: "Inès Karaoui",
		PlanTitle:    "Retour à domicile après fracture de hanche",
		Expectations: []string{"Je veux retourner seule au marché le samedi, et dormir chez moi. La canne oui, le fauteuil non."},
		Reasons:      []string{"Objectif « Remarcher jusqu’au marché » dépassé depuis le 12/11/2026", "Examen prévu le 20/11/2026"},
		Question:     "Le retour à domicile reste-t-il possible sans aide de nuit ?",
		Decision: minutes.Decision{
			Summary: "Maintien à domicile avec deux passages infirmiers par jour pendant un mois. Réduction de l’antihypertenseur du soir ; " +
				"la pression debout est prise chaque matin avant le lever, et notée dans le classeur de liaison.",
			Wishes: "Pas de fauteuil dans l’entrée, et que ma sœur soit prévenue.",
			Objectives: []minutes.ObjectiveResult{
				{Title: "Remarcher jusqu’au marché", Expected: "300 m avec une canne, une pause", Due: on(35), Owner: "Thibault Lescure", Verdict: minutes.VerdictSetback, Comment: "Échéance portée au 31/12/2026 ; étape à 100 m."},
				{Title: "Ne plus tomber", Expected: "aucune chute en 8 semaines", Due: on(35), Owner: "Inès Karaoui", Verdict: minutes.VerdictStable, Comment: "Une chute le 19/11 de nuit, sans fracture."},
				{Title: "Manger avec plaisir", Expected: "reprendre 1,5 kg", Due: on(50), Owner: "Nour Haddadène", Verdict: minutes.VerdictProgress, Comment: "+ 0,6 kg depuis le 29/10."},
			},
			Actions: []minutes.NewAction{
				{Title: "Ordonnance revue, posologie du soir divisée par deux", OwnerName: "Dr Paul Moreau", Due: on(1)},
				{Title: "Éclairage automatique du couloir", OwnerName: "Joël Quintane", Due: on(9)},
			},
			NextReview: on(28), Informer: "Inès Karaoui", InformBy: on(2), ByName: "Odile Marchenoir", At: at,
			Quorum: meetings.Quorum{State: meetings.QuorumReached, Professions: 5, Specialties: 2},
		},
	}
	if i%3 == 0 {
		k.Decision.Options = "Séjour de trois semaines en SMR : écarté, la patiente le refuse et l’équipe juge le domicile assez sûr."
		k.Decision.Dissent = "M. Lescure aurait préféré un séjour court en SMR avant le retour."
	}
	return k
}
