package preparation

import (
	"strings"

	"github.com/rcp-care/rcp/internal/lang"
	"github.com/rcp-care/rcp/meetings"
)

// Text says in words what is done, or what there is to do, without saying who
// does it: Who does.
func (l Line) Text(to string) string {
	day := lang.Numeric(l.On)
	switch l.Need {
	case NeedQuestion:
		return pick(to, l.Done, lang.Mark("Question posée"), lang.Mark("Poser la question à la réunion"))
	case NeedPlan:
		return l.plan(to, day)
	case NeedContributions:
		return l.contributions(to)
	case NeedAgreement:
		return l.agreement(to, day)
	case NeedIdentity:
		return l.identity(to)
	case NeedPresenter:
		return l.presenter(to)
	case NeedChecklist:
		return lang.N(to, l.Count, "%d point préparé sur %d", "%d points préparés sur %d", l.Of)
	}
	return string(l.Need)
}

func pick(to string, done bool, yes, no string) string {
	if done {
		return lang.T(to, yes)
	}
	return lang.T(to, no)
}

func (l Line) plan(to, day string) string {
	switch l.How {
	case "none":
		return lang.T(to, "Établir un plan")
	case "ended":
		return lang.T(to, "Renouveler le plan, fini le %s", day)
	case "empty":
		return lang.T(to, "Donner un objectif au plan")
	}
	return lang.T(to, "Plan à jour")
}

func (l Line) contributions(to string) string {
	if len(l.Expected) == 0 {
		return lang.T(to, "Aucun avis attendu")
	}
	return lang.N(to, l.Count, "%d avis sur %d", "%d avis sur %d", len(l.Expected))
}

func (l Line) agreement(to, day string) string {
	switch {
	case l.How == "opposed":
		return lang.T(to, "Le patient s’oppose au partage : ne pas discuter")
	case l.Done && day != "":
		return lang.T(to, "Accord tracé le %s", day)
	case l.Done:
		return lang.T(to, "Accord tracé")
	}
	return lang.T(to, "Tracer l’accord du patient")
}

func (l Line) identity(to string) string {
	switch l.How {
	case "QUAL":
		return lang.T(to, "Identité qualifiée")
	case "VALI":
		return lang.T(to, "Identité validée")
	}
	return lang.T(to, "Vérifier l’identité sur un document")
}

func (l Line) presenter(to string) string {
	switch l.How {
	case "none":
		return lang.T(to, "Dire qui présente le dossier")
	case "declined":
		return lang.T(to, "%s ne vient pas : dire qui présente", l.Who)
	case "unanswered":
		return lang.T(to, "%s présente : réponse attendue", l.Who)
	case "not-invited":
		return lang.T(to, "%s présente : à inviter", l.Who)
	}
	return lang.T(to, "Présenté par %s", l.Who)
}

// Text names the profession's contribution: « Avis : kinésithérapeute ».
func (e Expected) Text(to string) string {
	return lang.T(to, "Avis : %s", strings.ToLower(meetings.ProfessionName(e.Profession, to)))
}
