package pdf

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/meetings"
	"github.com/rcp-care/rcp/minutes"
)

// Where a sheet begins, in points. One that does not fit on the rest of the
// page goes to the next when little would be left blank, else it begins here
// with sheetStart at least.
const (
	sheetStart = 140.0
	sheetBlank = 250.0
)

// sheet draws the i-th patient's sheet.
func (d *document) sheet(i int) {
	k := d.content.Cases[i]
	d.space(22)
	keep := sheetStart
	if d.room() < sheetBlank {
		keep = min(d.sheetHeight(i), sheetBlank)
	}
	d.need(keep)
	d.sheets[i] = d.c.page
	d.current = fullName(k.BirthFamily, k.BirthGiven)
	if !d.extract {
		d.c.bookmark(fmt.Sprintf("%d\u00a0\u00a0%s", i+1, d.current), d.y-8)
	}
	d.c.begin(roleSect)
	d.sheetBody(i, k)
	d.c.leave()
	d.current = ""
}

func (d *document) sheetBody(i int, k minutes.Case) {
	d.sheetHead(i, k)
	d.presented(k)
	if k.Standard {
		d.standard(k)
		return
	}
	d.objectives(k.Decision.Objectives)
	d.decided(k.Decision)
	d.actions(k.Decision.Actions)
	d.after(k)
}

// standard draws what the référentiel gives for a case that was not discussed;
// a correction may have added the rest.
func (d *document) standard(k minutes.Case) {
	d.field("Standard", span{fr("Cas standard enregistré sans discussion, référentiel ") + referenceText(k.Reference) + ".", strong})
	if r := k.Reference; strings.TrimSpace(r.Source) != "" {
		d.field("Source", span{r.Source, text})
	}
	d.labelled(span{"Proposition", accent}, []span{d.value(k.Decision.Summary)})
	if strings.TrimSpace(k.Decision.Dissent) != "" {
		d.fieldOr("Désaccord", k.Decision.Dissent)
	}
	d.after(k)
}

// referenceText names a référentiel: Sein localisé version 3 du 12/01/2026.
func referenceText(r minutes.Reference) string {
	return or(r.Name, unsaid) + " version " + or(r.Version, unsaid) + " du " + shortDate(r.Day)
}

// sheetHeight lays a sheet out apart and returns its height, more than a page
// when it does not fit on one. It is measured once.
func (d *document) sheetHeight(i int) float64 {
	if d.heights[i] > 0 {
		return d.heights[i]
	}
	apart := *d
	apart.flow = flow{c: &canvas{m: d.c.m}, onPage: func() {}}
	apart.newPage()
	apart.sheetBody(i, d.content.Cases[i])
	d.heights[i] = apart.y - top
	if apart.c.page > 1 {
		d.heights[i] = pageHeight
	}
	return d.heights[i]
}

func (d *document) sheetHead(i int, k minutes.Case) {
	d.c.rule(left, d.y, right, d.y, 1.2, black)
	d.y += 6
	name := []span{{fullName(k.BirthFamily, k.BirthGiven), style{bold, sizeName, black}}}
	if !d.extract {
		name = append([]span{{fmt.Sprintf("%d\u00a0\u00a0", i+1), style{bold, sizeName, petrol}}}, name...)
	}
	d.block(roleH2, name...)
	d.paragraph(d.identity(k)...)
	if w := d.warning(k); w != "" {
		d.y += 4
		d.paragraph(span{w + fr(". Ceci n'est pas un avis de RCP."), alert})
	}
	d.y += 8
}

// identity is the line that makes sure of the person. The matricule is shown
// only for a qualified identity (référentiel INS).
func (d *document) identity(k minutes.Case) []span {
	plain := style{regular, sizeText, grey}
	born := bornWord(k.Sex) + shortDate(k.BirthDate)
	if age, ok := d.age(k); ok {
		born += ", " + age
	}
	parts := []string{born + ", " + sexWord(k.Sex)}
	if used := usedName(k); used != "" {
		parts = append(parts, "nom utilisé\u00a0"+used)
	}
	if k.BirthPlace != "" {
		parts = append(parts, "lieu de naissance\u00a0"+k.BirthPlace+" (code Insee)")
	}
	parts = append(parts, "IPP\u00a0"+or(k.IPP, unsaid))
	if k.INS != "" && k.Identity == careplan.Qualified {
		parts = append(parts, "INS\u00a0"+insGroups(k.INS)+" ("+or(insKind(k.INSOID), "OID "+unsaid)+")")
	}
	parts = append(parts, identityWord(k.Identity))
	return []span{{strings.Join(parts, " · "), plain}}
}

// usedName is the name the person goes by, empty when it is the birth name.
func usedName(k minutes.Case) string {
	if k.UsedFamily == "" && k.UsedGiven == "" {
		return ""
	}
	return fullName(or(k.UsedFamily, k.BirthFamily), or(k.UsedGiven, k.BirthGiven))
}

func (d *document) age(k minutes.Case) (string, bool) {
	if k.BirthDate.IsZero() || d.content.Starts.IsZero() {
		return "", false
	}
	years := k.BirthDate.AgeAt(date.Of(d.content.Starts.In(d.loc)))
	return plural(years, "an", "ans"), years >= 0
}

// warning is what a case of a RCP without quorum must say, else empty (HAS
// 2014: without its quorum the case is presented again).
func (d *document) warning(k minutes.Case) string {
	if d.content.Kind != meetings.RCP || k.Standard {
		return ""
	}
	switch k.Decision.Quorum.State {
	case meetings.QuorumReached:
		return ""
	case meetings.QuorumNotReached:
		return fr("Quorum non atteint : à présenter de nouveau")
	}
	return fr("Quorum non vérifié : à présenter de nouveau")
}

// presented draws what was known and asked.
func (d *document) presented(k minutes.Case) {
	d.fieldOr("Référent", k.Referent)
	d.fieldOr("Plan", k.PlanTitle)
	d.reasons(k.Reasons)
	d.fieldOr("Question", k.Question)
	d.said("Paroles du patient", k.Expectations...)
}

// reasons draws why the patient is on the agenda.
func (d *document) reasons(all []string) {
	var items [][]span
	for _, r := range all {
		if strings.TrimSpace(r) != "" {
			items = append(items, []span{{r, text}})
		}
	}
	if len(items) == 0 {
		items = [][]span{{{unsaid, quiet}}}
	}
	d.labelled(span{"Motifs", label}, items...)
}

// said draws the patient's own words in « ».
func (d *document) said(name string, texts ...string) {
	var out [][]span
	for _, t := range texts {
		if t = strings.TrimSpace(t); t != "" {
			out = append(out, []span{{quoted(t), words}})
		}
	}
	if len(out) == 0 {
		d.field(name, span{unsaid, quiet})
		return
	}
	d.quote(name, out)
}

// quoted adds the guillemets that the text does not bring itself.
func quoted(s string) string {
	if strings.HasPrefix(s, "«") && strings.HasSuffix(s, "»") {
		return s
	}
	return "«\u00a0" + s + "\u00a0»"
}

func (d *document) objectives(list []minutes.ObjectiveResult) {
	if len(list) == 0 {
		d.field("Objectifs", span{"aucun objectif examiné", quiet})
		return
	}
	t := table{columns: []column{{"Objectif et résultat attendu", 226}, {"Verdict", 84}, {"Ce qui change", 0}}}
	for _, o := range list {
		t.rows = append(t.rows, []cell{{spans: objective(o)}, verdict(o.Verdict), {spans: []span{d.value(o.Comment)}}})
	}
	d.subheading("Objectifs", t.head(d.c.m))
	d.flow.table(t)
	d.y += 4
}

func verdict(v minutes.Verdict) cell {
	s, k := shapeOf(v)
	if s == nil {
		return of(unsaid, quiet)
	}
	return cell{spans: []span{{verdictWord(v), style{bold, sizeText, k}}}, verdict: v, shaped: true}
}

func objective(o minutes.ObjectiveResult) []span {
	out := []span{
		{or(o.Title, unsaid), strong},
		{fr("\nAttendu : "), style{regular, sizeMeta + 0.4, grey}},
		{or(o.Expected, unsaid), style{regular, sizeMeta + 0.4, grey}},
		{"\nPour le " + shortDate(o.Due), meta},
	}
	if o.Due.IsZero() {
		out[3].text = fr("\nÉchéance : ") + unsaid
	}
	if o.Owner != "" {
		out = append(out, span{" · " + o.Owner, meta})
	}
	return out
}

// decided draws the decision and what was weighed.
func (d *document) decided(n minutes.Decision) {
	d.labelled(span{"Décision", accent}, []span{d.value(n.Summary)})
	d.fieldOr("Options discutées", n.Options)
	d.said("Souhaits du patient", n.Wishes)
	if n.Words != "" {
		d.said("Ses mots", n.Words)
	}
	if strings.TrimSpace(n.Dissent) == "" {
		d.field("Désaccord", span{"aucun désaccord consigné", quiet})
		return
	}
	if n.DissentBy != "" {
		d.fieldOr("Désaccord", n.DissentBy+fr(" : ")+n.Dissent)
		return
	}
	d.fieldOr("Désaccord", n.Dissent)
}

func (d *document) actions(list []minutes.NewAction) {
	if len(list) == 0 {
		d.field("Actions", span{"aucune action consignée", quiet})
		return
	}
	t := table{columns: []column{{"Action", 262}, {"Qui", 134}, {"Pour le", 0}}}
	for _, a := range list {
		t.rows = append(t.rows, []cell{
			of(or(a.Title, unsaid), strong),
			{spans: []span{d.value(a.OwnerName)}},
			of(shortDate(a.Due), text),
		})
	}
	d.subheading("Actions", t.head(d.c.m))
	d.flow.table(t)
	d.y += 4
}

// after draws what follows the decision: review, who tells, quorum.
func (d *document) after(k minutes.Case) {
	n := k.Decision
	d.field("Prochain examen", d.value(strings.Replace(shortDate(n.NextReview), unsaid, "", 1)))
	d.field("Information", d.informed(n)...)
	if !k.Standard { // registered without discussion: nobody gave an opinion
		d.field("Quorum", span{d.quorum(n.Quorum), text})
	}
	if n.ByName != "" {
		by := "par " + n.ByName
		if !n.At.IsZero() {
			at := n.At.In(d.loc)
			by += " le " + d.dayOf(n.At) + " à " + hour(at)
		}
		d.field("Consigné", span{by, quiet})
	}
}

// informed says who tells the patient and by when.
func (d *document) informed(n minutes.Decision) []span {
	if n.Informer == "" && n.InformBy.IsZero() {
		return []span{{unsaid, quiet}}
	}
	out := []span{{"Le patient est informé par ", text}, {or(n.Informer, "(personne "+unsaid+"e)"), text}}
	if n.InformBy.IsZero() {
		return append(out, span{", échéance " + unsaid + "e", text})
	}
	return append(out, span{", au plus tard le " + shortDate(n.InformBy), text})
}

func (d *document) quorum(q meetings.Quorum) string {
	var lacks []string
	for _, m := range q.Missing {
		lacks = append(lacks, missingWord(m))
	}
	counted := plural(q.Professions, "profession présente", "professions présentes")
	if d.content.Kind == meetings.RCP {
		counted = plural(q.Specialties, "spécialité médicale présente", "spécialités médicales présentes")
	}
	s := "Non vérifié"
	switch q.State {
	case meetings.QuorumReached:
		s = fr("Atteint : ") + counted + byLetter(q)
	case meetings.QuorumNotReached:
		s = fr("Non atteint : ") + counted
	}
	if len(lacks) > 0 {
		s += fr(" ; manque : ") + strings.Join(lacks, ", ")
	}
	return s
}

// byLetter says how many of a quorum count by a written opinion, and who.
func byLetter(q meetings.Quorum) string {
	if len(q.Written) == 0 {
		return ""
	}
	return ", dont " + strconv.Itoa(len(q.Written)) + " par avis écrit (" + strings.Join(q.Written, ", ") + ")"
}
