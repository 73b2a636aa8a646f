package pdf_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"slices"
	"strings"
	"time"

	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
	"github.com/rcp-care/rcp/minutes"
)

// hash64 is a hash in form only.
func hash64(seed string) string { return strings.Repeat(fmt.Sprintf("%02x", seed[0]), 32) }

// clock is an hour of the meeting's day in Paris.
func clock(s string) time.Time {
	at, err := time.Parse(time.RFC3339, "2026-11-26T"+s+":00+01:00")
	if err != nil {
		panic(err)
	}
	return at.UTC()
}

func day(m time.Month, d int) date.Date {
	y := 2026
	if m < time.November {
		y = 2027
	}
	return date.New(y, m, d)
}

// logo is a picture as the pages take it: opaque, a stripe on white.
func logo(w, h int) minutes.Logo {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for i := range img.Pix {
		img.Pix[i] = 0xff
	}
	for x := range w {
		for y := h / 4; y < 3*h/4; y++ {
			img.Set(x, y, color.RGBA{R: 0x0c, G: 0x5a, B: uint8(x), A: 0xff})
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		panic(err)
	}
	sum := sha256.Sum256(b.Bytes())
	return minutes.Logo{SHA256: hex.EncodeToString(sum[:]), Width: w, Height: h, PNG: b.Bytes()}
}

// geriatrics is a signed weekly meeting of eight patients.
func geriatrics() minutes.Content {
	c := minutes.Content{
		Org: "Centre de soins de Valbrume", FINESS: "210012345",
		Letterhead: []string{"12, rue des Tilleuls, 21000 Valbrume", "Tél. 03 80 00 00 00"},
		Team:       "Gériatrie, secteur Nord", TeamID: "team-1", Kind: meetings.Synthese, Meeting: "meeting-1",
		Starts: clock("14:30"), Ends: clock("16:00"), Zone: "Europe/Paris", Room: "Salle Marie-Curie, 2e étage",
		Participants: participants(), Cases: cases(),
		Deferred: []minutes.Carried{
			{Patient: "p-9", BirthFamily: "Ribeyrolles", BirthGiven: "Odette", Why: "Temps écoulé : reportée au 03/12/2026, en tête d’ordre du jour"},
		},
		Version: 2, Replaces: hash64("a"), ReplacesWhy: "date de la prochaine visite corrigée", Previous: hash64("b"),
		Signer: "Dr Solène Varennes", SignerRPPS: "10101234567", SignedAt: clock("16:42"),
	}
	return c
}

func participants() []minutes.Participant {
	return []minutes.Participant{
		{Name: "Dr Solène Varennes", Profession: "Médecin", Specialty: "Gériatrie", RPPS: "10101234567", Role: "chair", Presence: meetings.Present},
		{Name: "Odile Marchenoir", Profession: "Secrétaire", Role: "secretary", Presence: meetings.Present},
		{Name: "Inès Karaoui", Profession: "Infirmier", Specialty: "Infirmière coordinatrice", RPPS: "10102345678", Role: "clinician", Presence: meetings.Present, Left: clock("15:46")},
		{Name: "Dr Paul Moreau", Profession: "Médecin", Specialty: "Médecine générale", RPPS: "10103456789", Role: "clinician", Presence: meetings.Remote, Arrived: clock("14:50")},
		{Name: "Thibault Lescure", Profession: "Kinésithérapeute", RPPS: "10104567890", Role: "clinician", Presence: meetings.Present},
		{Name: "Joël Quintane", Profession: "Assistant social", Role: "clinician", Presence: meetings.Present},
		{Name: "Maud Ferrandon", Profession: "Pharmacien", Specialty: "Pharmacie clinique", RPPS: "10105678901", Role: "clinician", Presence: meetings.Excused},
		{Name: "Nour Haddadène", Profession: "Diététicien", RPPS: "10106789012", Role: "clinician", Presence: meetings.Absent},
	}
}

func cases() []minutes.Case {
	reached := meetings.Quorum{State: meetings.QuorumReached, Professions: 5, Specialties: 2}
	list := []minutes.Case{aubriot()}
	more := []struct {
		family, given, used string
		sex                 careplan.Sex
		born                date.Date
		reason, question    string
		said, summary       string
		objectives          []minutes.ObjectiveResult
		actions             []minutes.NewAction
	}{
		{
			"Tessonnier", "Marcel", "", careplan.Male, date.New(1944, 2, 29),
			"Objectif à risque : stable depuis trois réunions", "Faut-il poursuivre la kinésithérapie à domicile ?",
			"Je marche mieux le matin.", "Kinésithérapie maintenue deux fois par semaine jusqu’au 31/01/2027, puis bilan.",
			[]minutes.ObjectiveResult{{Title: "Se lever seul du fauteuil", Expected: "cinq levers de suite, sans aide", Due: day(time.January, 31), Owner: "Thibault Lescure", Verdict: minutes.VerdictStable, Comment: "Trois levers sur cinq, douleur du genou droit."}},
			[]minutes.NewAction{{Title: "Bilan de marche avec test de six minutes", OwnerName: "Thibault Lescure", Due: day(time.December, 10)}},
		},
		{
			"Descouty", "Jeanne", "Fauvel", careplan.Female, date.New(1936, 7, 3),
			"Action en retard de 12 jours", "Comment apaiser les nuits sans somnifère ?",
			"", "Arrêt progressif du zopiclone sur quatre semaines ; veilleuse dans le couloir.",
			[]minutes.ObjectiveResult{{Title: "Dormir sans appeler", Expected: "une nuit sur deux", Due: day(time.December, 15)}},
			[]minutes.NewAction{{Title: "Ordonnance de décroissance", OwnerName: "Dr Paul Moreau", Due: day(time.November, 30)}, {Title: "Poser la veilleuse", OwnerName: "", Due: day(time.December, 2)}},
		},
		{
			"Malbranque", "Yvette", "", careplan.Female, date.New(1941, 12, 24),
			"Demande de Joël Quintane : le maintien à domicile est-il tenable ?", "",
			"Je ne veux pas partir de chez moi.", "",
			nil, nil,
		},
		{
			"Chauverot", "Gilbert", "", careplan.Male, date.New(1938, 5, 11),
			"Nouveau traitement : apixaban depuis le 18/11/2026", "Qui suit la tolérance ?",
			"", "Surveillance clinique par le cabinet des Tilleuls, créatinine dans un mois.",
			[]minutes.ObjectiveResult{{Title: "Traitement compris et suivi", Verdict: minutes.VerdictNew, Comment: "Pilulier préparé par l’officine."}},
			[]minutes.NewAction{{Title: "Créatinine et NFS", OwnerName: "Cabinet des Tilleuls", Due: day(time.December, 28)}},
		},
		{
			"Fauvergue", "René", "", careplan.Male, date.New(1950, 1, 1),
			"Examen prévu le 20/11/2026", "", "Ça va.", "Plan inchangé.",
			[]minutes.ObjectiveResult{{Title: "Garder le jardin", Expected: "une heure par jour", Due: day(time.March, 1), Verdict: minutes.VerdictAbandoned, Comment: "M. Fauvergue préfère la marche."}},
			nil,
		},
		{
			"N’Diaye-Lœuillet", "Anne-Sophie", "", careplan.Female, date.New(1947, 10, 17),
			"Jamais examinée", "Quel plan proposer après la sortie de SMR ?",
			"Je voudrais revoir la mer.", "Plan créé ce jour avec deux objectifs.",
			[]minutes.ObjectiveResult{
				{Title: "Monter un étage", Expected: "avec la rampe", Due: day(time.February, 28), Verdict: minutes.VerdictNew},
				{Title: "Passer trois jours à la mer", Expected: "au printemps, avec sa fille", Due: day(time.May, 15), Verdict: minutes.VerdictNew},
			},
			[]minutes.NewAction{{Title: "Demande d’APA", OwnerName: "Joël Quintane", Due: day(time.December, 18)}},
		},
		{
			"Sauvageon", "Lucien", "", careplan.SexUnknown, date.New(1933, 8, 8),
			"Retour d’hospitalisation le 23/11/2026", "Adapter l’alimentation ?",
			"", "Texture mixée pendant deux semaines, boissons épaissies, puis nouvel essai.",
			[]minutes.ObjectiveResult{{Title: "Manger sans fausse route", Expected: "aucune toux aux repas pendant 14 jours", Due: day(time.December, 20), Owner: "Nour Haddadène", Verdict: minutes.VerdictSetback, Comment: "Deux fausses routes depuis le retour."}},
			[]minutes.NewAction{{Title: "Bilan de déglutition", OwnerName: "Orthophoniste du CH", Due: day(time.December, 4)}},
		},
	}
	for i, m := range more {
		k := minutes.Case{
			Case: id.Case(fmt.Sprintf("c-%d", i+2)), Patient: id.Patient(fmt.Sprintf("p-%d", i+2)),
			BirthFamily: m.family, BirthGiven: m.given, UsedFamily: m.used, Sex: m.sex, BirthDate: m.born,
			IPP: fmt.Sprintf("004%04d", 7800+i), Identity: careplan.Validated, Referent: "Inès Karaoui",
			PlanTitle: "Projet personnalisé de maintien à domicile", Reasons: []string{m.reason}, Question: m.question,
			Decision: minutes.Decision{
				Summary: m.summary, Objectives: m.objectives, Actions: m.actions, Quorum: reached,
				NextReview: day(time.December, 24), Informer: "Inès Karaoui", InformBy: day(time.November, 30),
				ByName: "Odile Marchenoir", At: clock("15:20"),
			},
		}
		if m.said != "" {
			k.Expectations = []string{m.said}
		}
		list = append(list, k)
	}
	list[3].Decision.Quorum = meetings.Quorum{State: meetings.QuorumNotReached, Professions: 2, Missing: []string{"infirmier"}}
	list[3].Decision.Informer, list[3].Decision.InformBy, list[3].Decision.NextReview = "", date.Date{}, date.Date{}
	return list
}

func aubriot() minutes.Case {
	return minutes.Case{
		Case: "c-1", Patient: "p-1", BirthFamily: "Aubriot", BirthGiven: "Lucienne", Sex: careplan.Female,
		BirthDate: date.New(1939, 3, 14), BirthPlace: "21231", IPP: "0047716",
		INS: "239032123101294", INSOID: "1.2.250.1.213.1.4.8", Identity: careplan.Qualified,
		Referent: "Inès Karaoui", PlanTitle: "Retour à domicile après fracture de hanche",
		Expectations: []string{"Je veux retourner seule au marché le samedi, et dormir chez moi. La canne oui, le fauteuil non."},
		Reasons:      []string{"Retour d’hospitalisation le 21/11/2026 après une chute le 19/11/2026", "Objectif « Remarcher jusqu’au marché » dépassé depuis le 12/11/2026", "Reportée le 12/11/2026 : temps écoulé"},
		Question:     "Le retour à domicile reste-t-il possible sans aide de nuit ? Quelle adaptation du traitement, avec une pression artérielle couchée à 148/82 mmHg et debout à 112/64 mmHg ?",
		Decision: minutes.Decision{
			Case: "c-1", Meeting: "meeting-1", Patient: "p-1",
			Summary: "Maintien à domicile avec deux passages infirmiers par jour pendant un mois. Réduction de l’antihypertenseur du soir ; la pression debout est prise chaque matin avant le lever.\nKinésithérapie trois fois par semaine, d’abord à domicile, puis dehors dès que 100 m sont tenus.",
			Options: "Séjour de trois semaines en SMR : écarté, Mme AUBRIOT le refuse et l’équipe juge le domicile assez sûr. Téléassistance seule : insuffisante la nuit.",
			Wishes:  "Pas de fauteuil dans l’entrée, et que ma sœur soit prévenue.",
			Dissent: "M. Lescure aurait préféré un séjour court en SMR avant le retour.",
			Objectives: []minutes.ObjectiveResult{
				{Objective: "o-1", Title: "Remarcher jusqu’au marché", Expected: "300 m avec une canne, une pause", Due: date.New(2026, 11, 12), Owner: "Thibault Lescure", Verdict: minutes.VerdictSetback, Comment: "Échéance portée au 31/12/2026 ; étape à 100 m."},
				{Objective: "o-2", Title: "Ne plus tomber", Expected: "aucune chute en 8 semaines", Due: day(time.December, 31), Owner: "Inès Karaoui", Verdict: minutes.VerdictSetback, Comment: "Une chute le 19/11 de nuit, sans fracture : hypotension au lever probable."},
				{Objective: "o-3", Title: "Manger avec plaisir", Expected: "reprendre 1,5 kg", Due: day(time.January, 15), Owner: "Sami Tazerout", Verdict: minutes.VerdictProgress, Comment: "+ 0,6 kg depuis le 29/10."},
				{Objective: "o-4", Title: "Voir sa sœur chaque mois", Expected: "une visite en octobre et en novembre", Due: day(time.November, 30), Owner: "Joël Quintane", Verdict: minutes.VerdictAchieved},
			},
			Actions: []minutes.NewAction{
				{Title: "Ordonnance revue, posologie du soir divisée par deux", OwnerName: "Dr Paul Moreau", Due: day(time.November, 27)},
				{Title: "Éclairage automatique du couloir", OwnerName: "Joël Quintane", Due: day(time.December, 5)},
				{Title: "Pression couchée et debout, chaque matin pendant 14 jours", OwnerName: "Inès Karaoui", Due: day(time.December, 11)},
			},
			NextReview: day(time.December, 10), Informer: "Inès Karaoui", InformBy: day(time.November, 28),
			Quorum: meetings.Quorum{State: meetings.QuorumReached, Professions: 5, Specialties: 2},
			ByName: "Dr Solène Varennes", At: clock("14:58"), Version: 3,
		},
	}
}

// unsigned is the content before the signature.
func unsigned(c minutes.Content) minutes.Content {
	c.Signer, c.SignerRPPS, c.SignedAt = "", "", time.Time{}
	return c
}

// standardPatient is whom withStandard adds.
const standardPatient = id.Patient("p-standard")

// withStandard adds a case that was registered under a référentiel without
// discussion.
func withStandard(c minutes.Content) minutes.Content {
	k := aubriot()
	k.Case, k.Patient, k.BirthFamily, k.INS, k.IPP = "c-standard", standardPatient, "Vaucresson", "", "0099001"
	k.Standard = true
	k.Reference = minutes.Reference{
		Name: "Cancer du sein localisé", Version: "3.1", Day: date.New(2026, 1, 12), Source: "https://valbrume.example/sein",
	}
	k.Decision = minutes.Decision{Case: k.Case, Patient: k.Patient, Summary: "Traitement adjuvant selon le référentiel.", Informer: "Dr Paul Moreau", ByName: "Odile Marchenoir", At: clock("15:30")}
	c.Cases = append(slices.Clone(c.Cases), k)
	return c
}
