package demo

import (
	"context"

	"github.com/rcp-care/rcp/agenda"
	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
)

// protocols lets the first team adopt two protocols and change one of them, puts
// a file under hold, and brings the team somebody new who has no plan yet.
func (f *filler) protocols(ctx context.Context) error {
	team := f.teams[f.c.Teams[0].Key]
	chair, err := f.leader(ctx, team, auth.Chair)
	if err != nil {
		return err
	}
	if _, err := f.Protocols.Adopt(ctx, chair, team.ID, "geriatrie-fragilite"); err != nil {
		return err
	}
	falls, err := f.Protocols.Adopt(ctx, chair, team.ID, "geriatrie-chutes")
	if err != nil {
		return err
	}
	falls.ReviewInterval = 45
	falls.Objectives[1].DueWeeks = 4
	falls.Checklist = append(falls.Checklist, "Chaussures apportées à la consultation")
	if _, err := f.Protocols.Save(ctx, chair, falls, "Le logement d’abord, après la revue des chutes de l’automne."); err != nil {
		return err
	}
	if err := f.hold(ctx); err != nil {
		return err
	}
	return f.newcomer(ctx)
}

// hold lets the administrator put a file under hold.
func (f *filler) hold(ctx context.Context) error {
	for _, a := range f.c.Accounts {
		if a.Role != "administrator" {
			continue
		}
		by, err := f.Actor(ctx, f.people[a.Member].ID)
		if err != nil {
			return err
		}
		return f.Retention.Hold(ctx, by, f.c.Patients[2].IPP, "Expertise demandée, dossier 26-0418")
	}
	return nil
}

// newcomer is a patient without a plan, for whom a nurse asks.
func (f *filler) newcomer(ctx context.Context) error {
	nurse, team := f.people["benali"], f.teams[f.c.Teams[0].Key]
	key, of := careplan.Key{System: "urn:demo", Value: "newcomer"}, careplan.Key{System: "urn:oid:1.2.250.1.71.4.2.1", Value: nurse.RPPS}
	_, err := f.Patients.Import(ctx, f.system, careplan.Target{Org: f.system.Org, Team: team.ID}, careplan.Batch{
		Professionals: []careplan.SourceProfessional{{Key: of, RPPS: nurse.RPPS, Name: nurse.Name()}},
		Patients: []careplan.SourcePatient{{Keys: []careplan.Key{key}, Patient: careplan.Patient{
			IPP: "QR-20931", BirthFamily: "Yvernault", BirthGiven: "Odette", BirthNames: "Odette Marie", Sex: careplan.Female,
			BirthDate: date.New(1939, 2, 17), Identity: careplan.Validated, Sharing: careplan.SharingAgreed,
			SharingOn: date.Of(f.today).AddDays(-2), Informed: true, Language: "fr",
		}}},
		Circle: []careplan.SourceCircle{{Patient: key, Professional: of, Role: "member"}},
	})
	if err != nil {
		return err
	}
	found, _, err := f.Patients.Search(ctx, f.system, "Yvernault", "", "", 1)
	if err != nil || len(found) == 0 {
		return err
	}
	by, err := f.Actor(ctx, nurse.ID)
	if err != nil {
		return err
	}
	_, err = f.Agenda.Ask(ctx, by, agenda.Asked{
		Team: team.ID, Patient: found[0].Patient.ID, Urgency: agenda.Soon,
		Question: "Deux chutes en un mois, vit seule\u00a0: quel plan commencer\u202f?",
	})
	return err
}
