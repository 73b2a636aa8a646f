package minutes

import (
	"context"

	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
)

// GapKind is what is missing in unsigned minutes.
type GapKind string

// The kinds of gap.
const (
	NoDecision GapKind = "no-decision"
	NoVerdict  GapKind = "no-verdict"
	NoOwner    GapKind = "no-owner"
	NoDue      GapKind = "no-due"
	NoQuorum   GapKind = "no-quorum"
	NoInformer GapKind = "no-informer"
	NoReview   GapKind = "no-review"

	NoProposition GapKind = "no-proposition" // of a standard case: such minutes are not signed
)

// Gap is one thing missing. It never stops a signature: it prints « non
// renseigné ».
type Gap struct {
	Case    id.Case
	Patient string // Mme AUBRIOT
	Kind    GapKind
	What    string // objective or action concerned
	Again   bool   // of NoQuorum: an RCP presents the case again
}

// Printed says how the gap reads in the minutes when they are signed so, in
// French: the language that they are printed in.
func (g Gap) Printed() string {
	const unsaid = "non renseigné"
	switch g.Kind {
	case NoDecision:
		return "Décision\u00a0: " + unsaid
	case NoVerdict:
		return g.What + "\u00a0: " + unsaid
	case NoOwner:
		return g.What + ", qui\u00a0: " + unsaid
	case NoDue:
		return g.What + ", pour le\u00a0: " + unsaid
	case NoInformer:
		return "Information du patient\u00a0: " + unsaid
	case NoReview:
		return "Prochaine réévaluation\u00a0: " + unsaid
	}
	if g.Again {
		return "Quorum non atteint\u00a0: à présenter de nouveau. Aucun avis n’est rendu."
	}
	return "Quorum non atteint"
}

// Text says the gap in words, in French unless lang is "en".
func (g Gap) Text(lang string) string {
	words := map[GapKind][2]string{
		NoDecision:    {"rien n’est décidé", "nothing is decided"},
		NoVerdict:     {"objectif «\u00a0" + g.What + "\u00a0» sans verdict", "objective “" + g.What + "” without verdict"},
		NoOwner:       {"action «\u00a0" + g.What + "\u00a0» sans responsable", "action “" + g.What + "” without owner"},
		NoDue:         {"action «\u00a0" + g.What + "\u00a0» sans échéance", "action “" + g.What + "” without due date"},
		NoQuorum:      {"quorum non atteint", "quorum not reached"},
		NoInformer:    {"personne n’est chargé de lui dire la décision", "nobody is to tell them the decision"},
		NoProposition: {"dossier standard sans référentiel ou sans proposition", "standard case without guideline or proposition"},
		NoReview:      {"pas de prochaine réévaluation", "no next review"},
	}
	if lang == "en" {
		return words[g.Kind][1]
	}
	return words[g.Kind][0]
}

// Review is what the chair reads over before signing.
type Review struct {
	Content  Content
	Gaps     []Gap
	Signable bool
	Why      string // why it is not: a French source sentence
}

// Review builds the minutes as they would be signed and says what is missing.
// A clinician reads only the patients they care for.
func (s *Service) Review(ctx context.Context, a auth.Actor, m id.Meeting) (Review, error) {
	const op = "minutes.Review"
	full, err := s.meeting(ctx, a, m, "minutes.review")
	if err != nil {
		return Review{}, fault.Wrap(op, err)
	}
	st, err := s.read(ctx, full)
	if err != nil {
		return Review{}, fault.Wrap(op, err)
	}
	c := st.content()
	sees, err := s.sight(ctx, a, full.Meeting.Team, patientsOf(c))
	if err != nil {
		return Review{}, fault.Wrap(op, err)
	}
	c = narrow(c, sees)
	r := Review{Content: c, Gaps: Gaps(c), Why: unsignable(a, full.Meeting)}
	r.Signable = r.Why == ""
	return r, fault.Wrap(op, s.store.Audit(ctx, s.change(a, "minutes.review", full.Meeting)))
}

// unsignable says why the actor may not sign a meeting's minutes now, or "".
func unsignable(a auth.Actor, m meetings.Meeting) string {
	switch {
	case m.Status == meetings.Signed:
		return "Ce compte rendu est déjà signé."
	case m.Status != meetings.Held:
		return "La réunion n’est pas terminée."
	case a.Professional == "" || !a.In(m.Team, auth.Chair):
		return "Seul l’animateur de l’équipe signe le compte rendu."
	}
	return ""
}

// Gaps lists what a content does not say, case by case.
func Gaps(c Content) []Gap {
	var all []Gap
	for _, k := range c.Cases {
		p := careplan.Patient{BirthFamily: k.BirthFamily, UsedFamily: k.UsedFamily, Sex: k.Sex}
		gaps := gapsOf(k.Decision, k.Again(c.Kind))
		if k.Standard {
			gaps = nil
			if !k.whole() {
				gaps = []Gap{{Kind: NoProposition}}
			}
		}
		for _, g := range gaps {
			g.Case, g.Patient = k.Case, p.Civil()
			g.Again = g.Kind == NoQuorum && k.Again(c.Kind)
			all = append(all, g)
		}
	}
	return all
}

func gapsOf(d Decision, again bool) []Gap {
	var all []Gap
	add := func(missing bool, kind GapKind, what string) {
		if missing {
			all = append(all, Gap{Kind: kind, What: what})
		}
	}
	add(d.Version == 0, NoDecision, "")
	for _, o := range d.Objectives {
		add(o.Verdict == "", NoVerdict, o.Title)
	}
	for _, n := range d.Actions {
		add(n.Owner == "" && n.OwnerName == "", NoOwner, n.Title)
		add(n.Due.IsZero(), NoDue, n.Title)
	}
	add(d.Quorum.State == meetings.QuorumNotReached || again && d.Quorum.State != meetings.QuorumReached, NoQuorum, "")
	add(d.Informer == "", NoInformer, "")
	add(d.NextReview.IsZero(), NoReview, "")
	return all
}
