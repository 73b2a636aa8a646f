package pdf

import (
	"cmp"
	"encoding/json"
	"time"

	"github.com/rcp-care/rcp/agenda"
	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/lang"
	"github.com/rcp-care/rcp/meetings"
)

// Agenda is what the printed agenda of a meeting says: the lines that its
// reader may see, how many others there are, and who is expected.
type Agenda struct {
	Org, Team string
	Kind      meetings.Kind
	Meeting   id.Meeting
	Starts    time.Time
	Ends      time.Time
	Zone      string
	Room, URL string
	Closed    bool      // registration is
	Made      time.Time // of the document: when registration closed, or the meeting last changed
	Capacity  int       // minutes of the meeting
	Planned   int       // minutes of all lines, hidden ones too
	Lines     []AgendaLine
	Hidden    int // lines that the reader may not see
	Standard  int // cases registered without discussion, of whomever
	Expected  []Expected
	Training  bool `json:",omitempty"` // of fictional patients
}

// AgendaLine is one patient on a printed agenda.
type AgendaLine struct {
	Rank        int
	At          time.Time // planned
	Minutes     int
	Patient     id.Patient
	BirthFamily string
	BirthGiven  string
	Sex         careplan.Sex
	Age         string // 87 ans; empty: unknown
	Referent    string
	Reason      string
	Urgent      bool
}

// Expected is what those of one profession answered.
type Expected struct {
	Profession     string
	Required       bool
	Yes, Maybe     int
	Unanswered, No int
	Who            string // the names of who comes
}

// AgendaOf makes the printed agenda of what its reader may see: g is the
// agenda in their sight.
func AgendaOf(org auth.Org, full meetings.Full, g agenda.Agenda) Agenda {
	m := full.Meeting
	a := Agenda{
		Org: org.Name, Team: full.Team.Name, Kind: m.Kind, Meeting: m.ID, Starts: m.Starts.UTC(), Ends: m.Ends.UTC(), Zone: m.Zone,
		Room: m.Room, URL: m.URL, Closed: !m.Closed.IsZero(), Made: m.Updated.UTC(), Capacity: g.Capacity, Planned: g.Planned, Hidden: g.Hidden,
		Standard: len(g.Standard), Training: full.Team.Training,
	}
	if a.Closed {
		a.Made = m.Closed.UTC()
	}
	on := date.Of(m.Starts.In(m.Location()))
	for _, l := range g.Items {
		a.Lines = append(a.Lines, agendaLine(l, on))
	}
	for _, t := range meetings.Foresee(m.Kind, full.Team.Quorum, full.Attendance).Professions {
		a.Expected = append(a.Expected, expected(t))
	}
	return a
}

func agendaLine(l agenda.Item, on date.Date) AgendaLine {
	p := l.Patient
	out := AgendaLine{
		Rank: l.Position, At: l.At.UTC(), Minutes: l.Minutes, Patient: p.ID,
		BirthFamily: p.BirthFamily, BirthGiven: p.BirthGiven, Sex: p.Sex, Referent: l.Referent, Reason: l.Question,
	}
	if !p.BirthDate.IsZero() {
		out.Age = lang.N(lang.French, p.BirthDate.AgeAt(on), "%d an", "%d ans")
	}
	for i, r := range l.Reasons {
		out.Urgent = out.Urgent || r.Urgent()
		if i == 0 {
			out.Reason = r.Text(lang.French)
		}
	}
	return out
}

func expected(t meetings.Turnout) Expected {
	e := Expected{Profession: meetings.ProfessionName(t.Key, lang.French), Required: t.Required, Yes: len(t.Yes), No: len(t.No)}
	for _, a := range t.Yes {
		if e.Who != "" {
			e.Who += ", "
		}
		e.Who += a.Professional.Name()
	}
	for _, a := range t.Maybe {
		if a.Answer == meetings.Tentative {
			e.Maybe++
		} else {
			e.Unanswered++
		}
	}
	return e
}

// RenderAgenda prints an agenda: up to twenty cases on one A4 page, more on the
// pages that follow.
func RenderAgenda(a Agenda) (r Result, err error) {
	const op = "pdf.RenderAgenda"
	defer func() {
		if p := recover(); p != nil {
			r, err = Result{}, fault.Errorf(op, "drawing failed: %s", cause(p))
		}
	}()
	m, err := measured()
	if err != nil {
		return Result{}, fault.Wrap(op, err)
	}
	data, err := json.Marshal(a)
	if err != nil {
		return Result{}, fault.Wrap(op, err)
	}
	clean := &cleaner{m: m}
	s := newAgendaSheet(all(clean, a))
	s.data = data
	r, err = s.render(m)
	r.Replaced = clean.replaced
	return r, fault.Wrap(op, err)
}

// density is how tightly an agenda is set: sizes in points.
type density struct {
	name, meta float64
	pad        float64 // above and below a row
	cut        bool    // one line for the reason
}

// densities, the loosest first: the first that gives one page is taken.
var densities = [...]density{{10, 8.8, 4, false}, {9.6, 8.4, 2.6, false}, {9.2, 8, 1.4, true}, {8.6, 7.6, 0.5, true}}

// agendaSheet is an agenda being laid out.
type agendaSheet struct {
	flow
	density
	a     Agenda
	loc   *time.Location
	total int // pages; zero while counting
	data  []byte

	failed error // of drawing FORMATION
}

func newAgendaSheet(a Agenda) *agendaSheet {
	loc, err := date.Zone(a.Zone)
	if err != nil {
		loc = time.UTC
	}
	return &agendaSheet{a: a, loc: loc}
}

// render counts the pages at each density until one page is enough, then draws;
// what needs more pages than one is set loosely.
func (s *agendaSheet) render(m *measures) (Result, error) {
	counting := &canvas{}
	for _, d := range densities {
		counting, s.density = &canvas{m: m}, d
		s.draw(counting)
		if counting.page == 1 {
			break
		}
	}
	if counting.page > 1 {
		counting, s.density = &canvas{m: m}, densities[0]
		s.draw(counting)
	}
	if s.total = counting.page; s.total > maxPages {
		return Result{}, fault.New(fault.Invalid, "pdf.render", "L’ordre du jour est trop long pour être imprimé.")
	}
	drawing := open(m, counting.used, s.info())
	s.draw(drawing)
	if s.failed != nil {
		return Result{}, s.failed
	}
	out, err := drawing.bytes()
	return Result{PDF: out, Pages: drawing.page}, err
}

func (s *agendaSheet) info() info {
	at := s.a.Made.In(s.loc)
	if at.IsZero() || at.Year() < 1 || at.Year() > 9999 {
		at = time.Unix(0, 0).UTC()
	}
	return info{
		title: oneLine(s.titled() + " – " + s.a.Team + " – " + s.day()), author: oneLine(s.a.Org), at: at, data: s.data,
		file: "ordre-du-jour.json", what: "Données de l’ordre du jour (JSON)",
	}
}

func (s *agendaSheet) titled() string {
	if s.a.Training {
		return training + " – Ordre du jour"
	}
	return "Ordre du jour"
}

func (s *agendaSheet) day() string { return shortDate(date.Of(s.a.Starts.In(s.loc))) }

func (s *agendaSheet) draw(c *canvas) {
	s.flow = flow{c: c, onPage: s.furniture}
	s.newPage()
	s.head()
	s.lines()
	s.expectations()
}

// furniture is what every page carries: what it is, not to be left about.
func (s *agendaSheet) furniture() {
	small := style{regular, sizeFoot, pale}
	w := right - left
	if s.a.Training {
		s.failed = s.c.outline(training, markSize(training), 38, faded)
		l := s.c.m.fit([]span{{training, style{bold, 10, red}}}, w)
		s.c.line(right-l.width, headY-1, l)
		w -= l.width + 16
	}
	if s.c.page > 1 {
		s.c.line(left, headY, s.c.m.fit([]span{{s.a.Team, style{bold, sizeFoot, grey}}, {" · ordre du jour du " + s.day(), small}}, w))
		s.c.rule(left, headY+16, right, headY+16, 0.5, hair)
	}
	s.c.rule(left, footY-6, right, footY-6, 0.5, hair)
	number := s.c.m.fit([]span{{pagesOf(s.c.page, s.total), small}}, 100)
	s.c.line(right-number.width, footY, number)
	s.c.line(left, footY, s.c.m.fit([]span{{notToLeave, small}}, right-left-110))
}

// notToLeave is the foot of working documents.
const notToLeave = "Document de travail, à ne pas laisser en vue"

func (s *agendaSheet) head() {
	s.y = headY - 2
	state := span{"  Inscriptions ouvertes", style{bold, sizeMeta, grey}}
	if s.a.Closed {
		state.text = "  Clos"
	}
	s.block(roleH1, span{"Ordre du jour", style{bold, 17, black}}, state)
	starts, ends := s.a.Starts.In(s.loc), s.a.Ends.In(s.loc)
	when := longDate(starts) + ", " + hour(starts) + " – " + hour(ends)
	s.paragraph(span{or(s.a.Team, unsaid), strong}, span{"   " + when, text}, span{place(s.a), meta})
	if s.a.Training {
		s.paragraph(span{fr("FORMATION : exercice sur des patients fictifs."), alert})
	}
	s.y += 9
}

func place(a Agenda) string {
	switch {
	case a.Room != "" && a.URL != "":
		return "   " + a.Room + " et à distance"
	case a.URL != "":
		return "   à distance"
	case a.Room != "":
		return "   " + a.Room
	}
	return ""
}

// lines draws the cases as a table whose rows their patients name.
func (s *agendaSheet) lines() {
	n := len(s.a.Lines) + s.a.Hidden
	s.section(plural(n, "dossier", "dossiers")+", "+minutesWord(s.a.Planned), s.slack(), 40)
	s.bar()
	t := table{columns: []column{{"Rang", 34}, {"Heure", 52}, {"Patient et raison", 342}, {"Durée", 0}}, side: 2, pad: s.pad}
	for _, l := range s.a.Lines {
		t.rows = append(t.rows, s.row(l, t.columns[2].width-cellGap))
	}
	if len(t.rows) > 0 {
		s.flow.table(t)
	}
	if s.a.Hidden > 0 {
		s.paragraph(span{othersWord(s.a.Hidden, len(s.a.Lines)), meta})
	}
	if s.a.Standard > 0 {
		s.paragraph(span{fr("En plus, " + plural(s.a.Standard, "dossier standard enregistré", "dossiers standard enregistrés") + " sans discussion."), meta})
	}
	if n+s.a.Standard == 0 {
		s.paragraph(span{"Aucun dossier.", quiet})
	}
}

func (s *agendaSheet) slack() string {
	free := s.a.Capacity - s.a.Planned
	if free < 0 {
		return minutesWord(-free) + " de trop · durée " + minutesWord(s.a.Capacity)
	}
	return minutesWord(free) + " de marge · durée " + minutesWord(s.a.Capacity)
}

func (s *agendaSheet) row(l AgendaLine, width float64) []cell {
	name, small := style{bold, s.name, black}, style{regular, s.meta, pale}
	about := " " + sexWord(l.Sex)
	if l.Age != "" {
		about += ", " + l.Age
	}
	if l.Referent != "" {
		about += " · réf.\u00a0" + l.Referent
	}
	who := []span{{fullName(l.BirthFamily, l.BirthGiven), name}, {about, small}}
	if l.Urgent {
		who = append(who, span{"  ◆\u00a0Urgent", style{bold, s.meta, red}})
	}
	return []cell{
		of(rankOf(l.Rank), style{bold, s.name, black}),
		of(hour(l.At.In(s.loc)), style{regular, s.name, black}),
		{spans: append(who, s.why(l, width)...)},
		of(minutesWord(l.Minutes), style{regular, s.name, black}),
	}
}

// why is the first reason, cut to what this density allows.
func (s *agendaSheet) why(l AgendaLine, width float64) []span {
	before := "Pourquoi ce patient"
	if l.Sex == careplan.Female {
		before = "Pourquoi cette patiente"
	}
	st := style{regular, s.meta + 0.2, black}
	head := span{"\n" + before + "\u00a0: ", style{regular, s.meta, pale}}
	reason := oneLine(or(l.Reason, unsaid))
	rows := 2
	if s.cut {
		rows = 1
	}
	taken := height(s.c.m.lines([]span{{before + ": ", head.style}, {reason, st}}, width))
	for taken > float64(rows)*st.size*leading+1 {
		short, _ := shorten(reason, max(len([]rune(reason))*9/10-1, 1))
		reason = short
		taken = height(s.c.m.lines([]span{{before + ": ", head.style}, {reason + "…", st}}, width))
		if len([]rune(reason)) == 1 {
			break
		}
	}
	if reason != oneLine(or(l.Reason, unsaid)) {
		reason += "…"
	}
	return []span{head, {reason, st}}
}

// bar draws the meeting's minutes, a segment a case; the hidden ones are one.
// The table says the same, so nobody needs to hear it.
func (s *agendaSheet) bar() {
	whole := cmp.Or(max(s.a.Capacity, s.a.Planned), 1)
	unit, x := (right-left)/float64(whole), left
	segment := func(minutes int, k ink) {
		w := float64(minutes) * unit
		if w > 2 {
			s.c.rule(x, s.y+4, x+w-1.5, s.y+4, 8, k)
		}
		x += w
	}
	seen := 0
	for _, l := range s.a.Lines {
		k := hair
		if l.Urgent {
			k = petrol
		}
		segment(l.Minutes, k)
		seen += l.Minutes
	}
	segment(s.a.Planned-seen, edge)
	s.y += 13
}
