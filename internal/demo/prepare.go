package demo

import (
	"context"
	"slices"

	"github.com/rcp-care/rcp/agenda"
	"github.com/rcp-care/rcp/agenda/preparation"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/demo/content"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
)

// opinions are what colleagues wrote about this week's cases, by patient.
var opinions = map[string][]struct {
	who, text string
	absent    bool
}{
	"villermoz": {
		{who: "poirier", text: "Apports à 60 % des besoins sur trois jours. Enrichissement et deux compléments par jour, à revoir sous dix jours."},
		{who: "lecorre", text: "Escarre sacrée de stade 3, 4 × 5 cm, fibrine sur un tiers. Le matelas en mousse ne suffit plus : matelas à air sans attendre.", absent: true},
	},
	"estevenon": {{who: "nguyen", text: "Visite du 19/11 : la porte ne doit pas être verrouillée. Un capteur d’ouverture et un éclairage de seuil sont acceptés."}},
	"chabanel":  {{who: "duvivier", text: "Monte l’étage avec une pause et deux appuis. Descendre le lit ferait perdre cet acquis : tenir quatre semaines encore."}},
}

// summaries are the cases that somebody already summed up.
var summaries = map[string]agenda.ISBAR{
	"villermoz": {
		Situation:      "Escarre sacrée passée du stade 2 au stade 3 en dix jours.",
		Background:     "92 ans, alitée depuis la fracture du col de mars. Dénutrition sévère. Sa fille assure les nuits.",
		Assessment:     "Douleur au soin cotée 6 sur 10. Apports couverts à 60 %. Le matelas en mousse s’affaisse.",
		Recommendation: "Louer un matelas à air dès cette semaine, et qui passe le soir ?",
	},
}

// prepare lets colleagues write, and the secretary ask for what is missing in
// the first cases.
func (f *filler) prepare(ctx context.Context, secretary auth.Actor, t content.Team, m meetings.Meeting) error {
	g, err := f.Agenda.Get(ctx, secretary, m.ID)
	if err != nil {
		return err
	}
	for _, p := range f.c.Patients {
		i := slices.IndexFunc(g.Items, func(l agenda.Item) bool { return l.Patient.IPP == p.IPP })
		if i < 0 || p.Team != t.Key {
			continue
		}
		if err := f.write(ctx, secretary, m.Team, p.Key, g.Items[i].ID); err != nil {
			return err
		}
	}
	const asked = 3 // cases whose contributions were asked for
	g.Items = g.Items[:min(len(g.Items), asked)]
	_, err = f.Preparation.AskAll(ctx, secretary, g)
	return err
}

func (f *filler) write(ctx context.Context, secretary auth.Actor, team id.Team, patient string, c id.Case) error {
	if i, ok := summaries[patient]; ok {
		if err := f.Preparation.Summarise(ctx, secretary, c, preparation.ISBAR{ISBAR: i}); err != nil {
			return err
		}
	}
	for _, o := range opinions[patient] {
		p := f.people[o.who] // without an account: they write through a colleague's screen
		who := auth.Actor{Professional: p.ID, Org: secretary.Org, Name: p.Name(), Origin: "demo", Teams: map[id.Team]auth.Role{team: auth.Clinician}}
		if _, err := f.Preparation.Contribute(ctx, who, c, preparation.Contribution{Text: o.text, Opinion: o.absent}); err != nil {
			return err
		}
	}
	return nil
}
