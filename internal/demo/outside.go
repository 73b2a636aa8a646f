package demo

import (
	"context"

	"github.com/rcp-care/rcp/agenda"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
)

// outside lets the first team give an address out, and a general practitioner
// ask by it: the request waits until the secretary says of whom it is.
func (f *filler) outside(ctx context.Context) error {
	team := f.teams[f.c.Teams[0].Key]
	secretary, err := f.leader(ctx, team, auth.Secretary)
	if err != nil {
		return err
	}
	l, err := f.Agenda.NewOutsideLink(ctx, secretary, team.ID, "Maison de santé de Combe-Rousse", 180)
	if err != nil {
		return err
	}
	_, err = f.Agenda.AskOutside(ctx, l.Token(), "demo", "fr", agenda.Soon, agenda.OutsideContent{
		Traits:   agenda.Traits{BirthFamily: "Prudhon", BirthGiven: "Georgette", BirthDate: date.New(1938, 12, 20)},
		Question: "Le maintien à domicile est-il encore possible après le départ de sa fille\u202f?",
		Details: agenda.Details{
			ISBAR: agenda.ISBAR{
				Situation:  "Seule depuis dix jours\u202f; deux repas oubliés, un appel de nuit au 15.",
				Background: "Vivait avec sa fille, qui part travailler à l’étranger. Passage infirmier le matin seulement.",
			},
			Told: agenda.ToldYes, ToldBy: "Dr Aurore Vauquelin",
			Outsider: agenda.Outsider{
				Name: "Aurore Vauquelin", Profession: "medecin", Email: "aurore.vauquelin@medecin.mssante.example",
				Phone: "05 61 00 00 00", Organisation: "Maison de santé de Combe-Rousse",
			},
		},
	})
	return err
}
