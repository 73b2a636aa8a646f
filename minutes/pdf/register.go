package pdf

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/rcp-care/rcp/meetings"
	"github.com/rcp-care/rcp/minutes"
)

// head draws the letterhead, the title and the facts of the meeting.
func (d *document) head() {
	c := d.content
	x, under := d.logo()
	d.y = headY - 2
	d.c.begin(roleP)
	d.lines(x, d.c.m.lines([]span{{or(c.Org, unsaid), style{bold, sizeHead, petrol}}}, right-x-90))
	d.c.leave()
	lines := slices.DeleteFunc(slices.Clone(c.Letterhead), func(s string) bool { return strings.TrimSpace(s) == "" })
	if len(lines) > 0 && strings.TrimSpace(lines[0]) == strings.TrimSpace(c.Org) {
		lines = lines[1:] // said just above
	}
	if c.FINESS != "" {
		lines = append(lines, "FINESS\u00a0"+c.FINESS)
	}
	if ls := d.c.m.lines([]span{{strings.Join(lines, "\n"), meta}}, right-x); len(ls) > 0 {
		d.c.begin(roleP)
		d.lines(x, ls)
		d.c.leave()
	}
	if d.c.page == 1 {
		d.y = max(d.y, under)
	}
	d.y += 22
	d.block(roleH1, span{d.title(), style{bold, sizeTitle, black}})
	d.paragraph(span{or(c.Team, unsaid), style{regular, 13.5, grey}})
	d.y += 10
	d.c.rule(left, d.y, right, d.y, 1.2, petrol)
	d.y += 9
	d.facts()
}

// The box that the logo is drawn in, in points.
const (
	logoWidth  = 132.0
	logoHeight = 46.0
)

// logo draws the team's logo in the top left corner; x is where the letterhead
// begins beside it, under where the page is free again.
func (d *document) logo() (x, under float64) {
	l := d.content.Logo
	if len(l.PNG) == 0 {
		return left, 0
	}
	scale := min(logoWidth/float64(l.Width), logoHeight/float64(l.Height), 0.5) // no coarser than 144 dots an inch
	w, h := float64(l.Width)*scale, float64(l.Height)*scale
	y := headY - 4
	d.c.picture(l.PNG, "Logo, "+or(d.content.Org, d.content.Team), left, y, w, h)
	return left + w + 14, y + h
}

func (d *document) facts() {
	c := d.content
	if c.Training {
		d.field("Formation", span{fr("FORMATION : exercice sur des patients fictifs. Ce document n'engage aucun soin."), alert})
	}
	d.field("Date", span{d.when(), strong})
	d.fieldOr("Lieu", c.Room)
	if d.extract {
		d.field("Extrait", d.owner(c.Cases[0])...)
	} else {
		d.field("Dossiers", span{d.counts(), text})
	}
	d.field("Version", d.version()...)
	if !c.Signed() {
		d.field("État", span{fr("Projet non signé : ce document n'est pas un compte rendu."), alert})
	}
}

// owner names the patient of an extract.
func (d *document) owner(k minutes.Case) []span {
	return []span{
		{fullName(k.BirthFamily, k.BirthGiven), strong},
		{", " + bornWord(k.Sex) + shortDate(k.BirthDate), text},
	}
}

func (d *document) counts() string {
	standard := d.standards()
	s := plural(len(d.content.Cases)-standard, "dossier discuté", "dossiers discutés")
	if standard > 0 {
		s += ", " + plural(standard, "enregistré sans discussion", "enregistrés sans discussion")
	}
	if n := len(d.content.Deferred); n > 0 {
		s += ", " + plural(n, "reporté", "reportés")
	}
	return s
}

// when returns « jeudi 26 novembre 2026, de 14 h 30 à 16 h 00 ».
func (d *document) when() string {
	c := d.content
	if c.Starts.IsZero() {
		return unsaid
	}
	s, e := c.Starts.In(d.loc), c.Ends.In(d.loc)
	out := longDate(s) + ", de " + hour(s) + " à "
	switch {
	case c.Ends.IsZero():
		out = longDate(s) + " à " + hour(s)
	case s.Format(time.DateOnly) == e.Format(time.DateOnly):
		out += hour(e)
	default:
		out += hour(e) + " le " + longDate(e)
	}
	return out + d.zoneName()
}

func (d *document) version() []span {
	c := d.content
	s := fmt.Sprintf("Version\u00a0%d", c.Version)
	if c.Replaces == "" {
		return []span{{s, text}}
	}
	reason := span{or(c.ReplacesWhy, unsaid), text}
	if d.extract {
		reason.text = "voir le registre"
	}
	return []span{
		{fr(fmt.Sprintf("%s, remplace la version\u00a0%d, motif : ", s, c.Version-1)), text},
		reason,
		{fr("\nEmpreinte remplacée : ") + c.Replaces, style{regular, sizeFoot, pale}},
	}
}

// fieldOr draws a field, « non renseigné » when it is blank.
func (d *document) fieldOr(name, value string) {
	d.field(name, d.value(value))
}

func (d *document) value(s string) span {
	if strings.TrimSpace(s) == "" {
		return span{unsaid, quiet}
	}
	return span{s, text}
}

// attendance draws who was there: the proof of the meeting.
func (d *document) attendance() {
	t := table{columns: []column{
		{"Nom", 106},
		{"Profession et spécialité", 112},
		{"RPPS", 64},
		{"Rôle", 65},
		{"Présence", 55},
		{"Arrivée", 46},
		{"Départ", 0},
	}}
	for _, p := range d.content.Participants {
		t.rows = append(t.rows, d.participant(p))
	}
	d.section("Participants", d.presences(), t.head(d.c.m))
	if len(t.rows) == 0 {
		d.paragraph(span{unsaid, quiet})
		return
	}
	d.flow.table(t)
}

func (d *document) participant(p minutes.Participant) []cell {
	small := style{regular, sizeMeta + 0.4, black}
	work := []span{{or(p.Profession, unsaid), small}}
	if p.Specialty != "" {
		work = append(work, span{"\n" + p.Specialty, meta})
	}
	arrived, left := d.times(p)
	return []cell{
		of(or(p.Name, unsaid), style{bold, sizeMeta + 0.4, black}),
		{spans: work},
		of(or(p.RPPS, "–"), small),
		of(roleWord(p.Role), small),
		of(presenceWord(p.Presence), small),
		of(arrived, small),
		of(left, small),
	}
}

// times returns when somebody came and left; who was there without a time was
// there from the start, or to the end.
func (d *document) times(p minutes.Participant) (arrived, left string) {
	if p.Presence != meetings.Present && p.Presence != meetings.Remote {
		return "–", "–"
	}
	arrived, left = "début", "fin"
	if !p.Arrived.IsZero() {
		arrived = hour(p.Arrived.In(d.loc))
	}
	if !p.Left.IsZero() {
		left = hour(p.Left.In(d.loc))
	}
	return arrived, left
}

func (d *document) presences() string {
	n := map[meetings.Presence]int{}
	for _, p := range d.content.Participants {
		n[p.Presence]++
	}
	var out []string
	for _, w := range []struct {
		p         meetings.Presence
		one, many string
	}{
		{meetings.Present, "présent", "présents"},
		{meetings.Remote, "à distance", "à distance"},
		{meetings.Excused, "excusé", "excusés"},
		{meetings.Absent, "absent", "absents"},
		{meetings.Expected, "non noté", "non notés"},
	} {
		if n[w.p] > 0 {
			out = append(out, plural(n[w.p], w.one, w.many))
		}
	}
	return strings.Join(out, ", ")
}

// summary draws the list of the register: who, what, when next, on which page.
func (d *document) summary() {
	t := table{columns: []column{{"N°", 26}, {"Patient", 138}, {"Décision", 206}, {"Prochain examen", 82}, {"Page", 0}}, side: 1}
	for i, k := range d.content.Cases {
		if k.Standard {
			continue
		}
		page := fmt.Sprint(d.sheets[i])
		t.rows = append(t.rows, []cell{
			of(fmt.Sprint(i+1), style{bold, sizeText, petrol}),
			{spans: []span{
				{fullName(k.BirthFamily, k.BirthGiven), style{bold, sizeMeta + 0.6, black}},
				{"\n" + bornWord(k.Sex) + shortDate(k.BirthDate), meta},
			}},
			of(d.gist(k), style{regular, sizeMeta + 0.6, black}),
			of(shortDate(k.Decision.NextReview), style{regular, sizeMeta + 0.6, black}),
			of(page, meta),
		})
	}
	if len(t.rows) == 0 {
		return
	}
	d.section("Relevé de décisions", d.counts(), t.head(d.c.m))
	d.flow.table(t)
}

// standards counts the cases registered without discussion.
func (d *document) standards() int {
	n := 0
	for _, k := range d.content.Cases {
		if k.Standard {
			n++
		}
	}
	return n
}

// registered draws the list of the cases registered without discussion, each
// with the référentiel that covers it.
func (d *document) registered() {
	if d.standards() == 0 {
		return
	}
	t := table{columns: []column{{"N°", 26}, {"Patient", 138}, {"Référentiel", 150}, {"Proposition", 138}, {"Page", 0}}, side: 1}
	for i, k := range d.content.Cases {
		if !k.Standard {
			continue
		}
		t.rows = append(t.rows, []cell{
			of(fmt.Sprint(i+1), style{bold, sizeText, petrol}),
			{spans: []span{
				{fullName(k.BirthFamily, k.BirthGiven), style{bold, sizeMeta + 0.6, black}},
				{"\n" + bornWord(k.Sex) + shortDate(k.BirthDate), meta},
			}},
			of(referenceText(k.Reference), style{regular, sizeMeta + 0.6, black}),
			of(d.gist(k), style{regular, sizeMeta + 0.6, black}),
			of(fmt.Sprint(d.sheets[i]), meta),
		})
	}
	d.section("Enregistrés sans discussion", plural(len(t.rows), "dossier standard", "dossiers standard"), t.head(d.c.m))
	d.flow.table(t)
}

// gist is the first line of a decision.
func (d *document) gist(k minutes.Case) string {
	if w := d.warning(k); w != "" {
		return w
	}
	s, _, _ := strings.Cut(strings.TrimSpace(k.Decision.Summary), "\n")
	s, cut := shorten(s, 240)
	if cut > 0 {
		s += "…"
	}
	return or(s, unsaid)
}

// deferred draws the patients carried to a later meeting.
func (d *document) deferred() {
	if len(d.content.Deferred) == 0 {
		return
	}
	t := table{columns: []column{{"Patient", 164}, {"Motif du report", 0}}}
	for _, p := range d.content.Deferred {
		t.rows = append(t.rows, []cell{of(fullName(p.BirthFamily, p.BirthGiven), strong), of(or(p.Why, unsaid), text)})
	}
	d.section("Patients reportés", plural(len(t.rows), "dossier", "dossiers"), t.head(d.c.m))
	d.flow.table(t)
}

// signatureHeight is what the block takes under its heading.
const signatureHeight = 96

// signature draws who signed, when, and the hashes that make the chain.
func (d *document) signature() {
	c := d.content
	d.section("Signature", "", signatureHeight)
	if c.Signed() {
		at := c.SignedAt.In(d.loc)
		d.field("Signé par", span{or(c.Signer, unsaid), strong}, span{fr(", RPPS ") + or(c.SignerRPPS, unsaid), text})
		d.field("Le", span{longDate(at) + " à " + hour(at), text}, span{" (" + d.loc.String() + ")", meta})
		d.field("Empreinte du contenu", span{or(d.hash, unsaid), meta}, span{" (SHA-256)", meta})
	} else {
		d.field("Signé par", span{fr("Non signé : projet, à relire et à signer par l'animateur."), alert})
	}
	previous := "aucun"
	if c.Previous != "" {
		previous = c.Previous
	}
	d.field("Précédent de l'équipe", span{previous, meta})
	d.y += 6
	d.paragraph(span{d.notice(), style{regular, sizeFoot, pale}})
}

func (d *document) notice() string {
	s := "Document à conserver avec les comptes rendus de l'équipe."
	if d.extract {
		s = "Document à conserver dans le dossier du patient."
	}
	return fr(s + " Données de santé couvertes par le secret professionnel (article L.\u00a01110-4 du code de la santé publique).")
}
