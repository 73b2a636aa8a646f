package web

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/rcp-care/rcp/agenda"
	"github.com/rcp-care/rcp/agenda/preparation"
	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/lang"
	"github.com/rcp-care/rcp/meetings"
	"github.com/rcp-care/rcp/minutes"
)

// roomView is the room: the running order, who is here, and a double page for
// one patient, what to read and what to decide. It has no rail.
type roomView struct {
	Base
	Form
	M         meetingHead
	Now       time.Time
	Bars      []string // the meeting's minutes: classes of .budget
	Seen      int
	Left      int
	Hidden    int
	EndsAt    time.Time
	Late      int // minutes
	Run       []runRow
	Standard  standardView
	Present   []presentRow
	There     int // in the room
	Afar      int // at a distance
	Case      *caseView
	Deferrals []choice
	Writable  bool   // decisions may be written now
	Elsewhere string // the path of the case in discussion, when it is another
	Beam      bool   // for the projector
	Query     string // whom one looks for, to add them now
	Found     []addableRow
}

type runRow struct {
	agenda.Item
	Class  string // done, now, off or ""
	Path   string
	Spent  int // minutes really taken
	Reason string
}

type presentRow struct {
	Class, Word, Name, Meta, When string
	Who                           id.Professional
	Here                          bool // now
	Gone                          bool
}

// caseView is the patient under discussion.
type caseView struct {
	agenda.Item
	Path, Next   string
	NextID       id.Case
	NextName     string
	Rank, Total  int
	At           time.Time
	Facts        string
	Expects      string
	Identity     state
	Quorum       verdict
	Reasons      []string
	Expectations []careplan.Expectation
	Past         *minutes.PastDecision
	PastOn       date.Date
	PastActions  []actionRow
	Summary      preparation.ISBAR
	Contribs     []contribView
	Opinions     string // 3 sur 4
	Sheet        sheet
	Saved        time.Time
	By           string
	Conflicts    []conflict
	Members      []string
	Types        []choice
	Tag          string // of the case, in the live events
	Papers       *paperSection
	Began        bool
	On           bool // in discussion now
	Elapsed      int  // minutes since it began, while in discussion
	Age          string
}

// conflict is a text that somebody else saved meanwhile.
type conflict struct{ Name, Label, Theirs string }

// roomPage shows the case that the path names, or the first that waits.
func (s *Server) roomPage(r *request) error {
	return s.showRoom(r, http.StatusOK, Form{}, nil, nil)
}

// showRoom shows the room. typed, when not nil, is what was typed on the case,
// and newer what somebody else saved in between.
func (s *Server) showRoom(r *request, status int, f Form, typed *sheet, newer *minutes.Decision) error {
	return s.showRoomAs(r, "room", "Salle", status, f, typed, newer)
}

func (s *Server) showRoomAs(r *request, name, title string, status int, f Form, typed *sheet, newer *minutes.Decision) error {
	full, err := s.meetingOf(r)
	if err != nil {
		return err
	}
	if full.Meeting.Status == meetings.Cancelled {
		return r.see("/meetings/" + string(full.Meeting.ID))
	}
	if full.Meeting.Status == meetings.Signed {
		return r.see("/meetings/" + string(full.Meeting.ID) + "/minutes")
	}
	list, err := s.cfg.Agenda.Get(r.ctx(), r.actor, full.Meeting.ID)
	if err != nil {
		return err
	}
	view := &roomView{Base: s.gate(r, title), Form: f, M: s.head(r, full, "room"), Hidden: list.Hidden, Deferrals: deferReasons(r)}
	view.Now = s.now().In(full.Meeting.Location())
	view.Writable = writable(full.Meeting.Status)
	view.Standard = standardOf(r, full, list)
	view.Toast = standardToast(r, full.Meeting.ID, "room", slices.Concat(list.Items, list.Standard))
	view.present(r, full)
	current, err := view.order(r, full, list)
	if err != nil {
		return err
	}
	if err := s.findInRoom(r, view, date.Of(view.M.Starts)); err != nil {
		return err
	}
	if current >= 0 {
		if view.Case, err = s.caseView(r, full, view, current, typed, newer); err != nil {
			return err
		}
	}
	return s.render(r, status, name, view)
}

// projector shows the case in discussion to a whole room: the name and the age
// are the only identifiers.
func (s *Server) projector(r *request) error {
	return s.showRoomAs(r, "projector", lang.Mark("Projection"), http.StatusOK, Form{}, nil, nil)
}

// order arranges the running order and returns the index of the current case.
func (v *roomView) order(r *request, full meetings.Full, list agenda.Agenda) (int, error) {
	lines := slices.Clone(list.Items)
	for _, l := range list.Waiting {
		if l.Status == agenda.Deferred {
			lines = append(lines, l)
		}
	}
	current, err := pick(r, lines)
	if err != nil {
		return -1, err
	}
	if on := inDiscussion(lines); on >= 0 && on != current {
		v.Elsewhere = v.M.Path("room", string(lines[on].ID))
	}
	rest := 0
	for i, l := range lines {
		row := runRow{Item: l, Path: v.M.Path("room", string(l.ID))}
		switch {
		case i == current:
			row.Class = "now"
		case l.Status == agenda.Discussed:
			row.Class = "done"
		case l.Status == agenda.Deferred:
			row.Class = "off"
		}
		if !l.Started.IsZero() && !l.Ended.IsZero() {
			row.Spent = max(int(l.Ended.Sub(l.Started).Round(time.Minute).Minutes()), 1)
		}
		switch l.Status {
		case agenda.Discussed:
			v.Seen++
		case agenda.Scheduled:
			v.Left++
			rest += l.Minutes
		case agenda.Deferred:
			row.Reason = agenda.DeferText(l.DeferWhy, r.lang)
		}
		v.Run = append(v.Run, row)
		v.addBars(row, l.Minutes)
	}
	v.EndsAt = v.Now.Add(time.Duration(rest) * time.Minute)
	v.Late = max(int(v.EndsAt.Sub(full.Meeting.Ends).Minutes()), 0)
	return current, nil
}

// pick is the case of the path; without one, the case begun, else the first
// that waits, else the first.
func pick(r *request, lines []agenda.Item) (int, error) {
	if r.Param("case") != "" {
		c, err := pathID[id.Case](r, "case")
		if err != nil {
			return -1, err
		}
		at := slices.IndexFunc(lines, func(l agenda.Item) bool { return l.ID == c })
		if at < 0 {
			return -1, fault.New(fault.NotFound, "web.pick", "")
		}
		return at, nil
	}
	if begun := inDiscussion(lines); begun >= 0 {
		return begun, nil
	}
	waits := slices.IndexFunc(lines, func(l agenda.Item) bool { return l.Status == agenda.Scheduled })
	if waits < 0 && len(lines) > 0 {
		return 0, nil
	}
	return waits, nil
}

// inDiscussion is the case that began and did not end; -1: none.
func inDiscussion(lines []agenda.Item) int {
	return slices.IndexFunc(lines, func(l agenda.Item) bool {
		return !l.Started.IsZero() && l.Ended.IsZero() && l.Status != agenda.Deferred
	})
}

func (v *roomView) addBars(row runRow, planned int) {
	if row.Class == "off" {
		return
	}
	for _, m := range segments(planned) {
		v.Bars = append(v.Bars, m+" "+row.Class)
	}
}

// present lists who is here, those who come, and those excused.
func (v *roomView) present(r *request, full meetings.Full) {
	loc := full.Meeting.Location()
	for _, a := range full.Attendance {
		row := presentRow{Name: a.Professional.Name(), Meta: professionName(r.lang, a.Professional.Profession)}
		row.Who = a.Professional.ID
		gone := !a.Left.IsZero() && !v.Now.Before(a.Left)
		switch {
		case a.Presence == meetings.Present && !gone:
			row.Class, row.Word = "ok", r.T("présent")
			v.There++
		case a.Presence == meetings.Remote && !gone:
			row.Class, row.Word = "run", r.T("à distance")
			v.Afar++
		case gone:
			row.Class, row.Word, row.When = "off", r.T("parti"), lang.Clock(r.lang, a.Left.In(loc))
		case a.Presence == meetings.Excused:
			row.Class, row.Word, row.When = "off", r.T("excusé"), r.T("excusé")
		case a.Presence == meetings.Absent:
			row.Class, row.Word, row.When = "off", r.T("absent"), r.T("absent")
		default:
			row.Class, row.Word, row.When = "todo", r.T("attendu"), r.T("attendu")
		}
		row.Gone, row.Here = gone, !gone && (a.Presence == meetings.Present || a.Presence == meetings.Remote)
		if row.When == "" && !a.Arrived.IsZero() {
			row.When = lang.Clock(r.lang, a.Arrived.In(loc))
		}
		v.Present = append(v.Present, row)
	}
}

// caseView reads everything the double page shows.
func (s *Server) caseView(r *request, full meetings.Full, v *roomView, at int, typed *sheet, newer *minutes.Decision) (*caseView, error) {
	l := v.Run[at].Item
	d, err := s.cfg.Minutes.Decision(r.ctx(), r.actor, l.ID)
	if err != nil {
		return nil, err
	}
	file, err := s.cfg.Patients.File(r.ctx(), r.actor, l.Patient.ID)
	if err != nil {
		return nil, err
	}
	past, err := s.cfg.Minutes.DecisionsOf(r.ctx(), r.actor, l.Patient.ID)
	if err != nil {
		return nil, err
	}
	day := date.Of(v.M.Starts)
	c := &caseView{
		Item: l, Path: v.Run[at].Path, Rank: at + 1, Total: len(v.Run), Facts: facts(r, l.Patient, day), Expects: expects(r.lang, l.Patient.Sex),
		Identity: identityState(r.lang, l.Patient.Identity), Quorum: caseQuorum(r, full, d.Quorum), Began: !l.Started.IsZero(),
		By: d.ByName, Members: memberNames(full), Types: documentTypes(r.lang), Tag: caseTag(l.ID),
	}
	if c.Papers, err = s.papersOf(r, l.ID, full.Meeting.Location()); err != nil {
		return nil, err
	}
	c.clock(r, v, day)
	if err := s.prepared(r, c); err != nil {
		return nil, err
	}
	for _, reason := range l.Reasons {
		c.Reasons = append(c.Reasons, reason.Text(r.lang))
	}
	for _, next := range v.Run[at+1:] {
		if next.Status == agenda.Scheduled {
			c.Next, c.NextID, c.NextName = next.Path, next.ID, next.Patient.Name()
			break
		}
	}
	for _, p := range file.Plans {
		if p.ID == d.Plan {
			c.Expectations = p.Expectations
		}
	}
	c.last(r.lang, file, past, day)
	if !d.At.IsZero() && d.Version > 0 {
		c.Saved = d.At.In(full.Meeting.Location())
	}
	c.Sheet = sheetOf(d)
	if typed != nil {
		c.Sheet = *typed
	}
	c.Sheet.Type = cmp.Or(c.Sheet.Type, minutes.DefaultType(full.Meeting.Kind))
	c.Sheet.trace(r.lang, file, past, day)
	if newer != nil {
		c.Sheet.Version = newer.Version
		c.Conflicts = conflicts(r.lang, *typed, *newer)
	}
	return c, nil
}

// prepared adds what was written about the case before the meeting.
func (s *Server) prepared(r *request, c *caseView) error {
	p, err := s.cfg.Preparation.Of(r.ctx(), r.actor, c.ID)
	if err != nil {
		return err
	}
	if c.Summary = p.Summary(); c.Summary.Recommendation == c.Question {
		c.Summary.Recommendation = "" // it stands above
	}
	contribs, written := contribViews(r, p.Expected, p.Zone)
	c.Contribs = contribs
	c.Opinions = r.T("%d sur %d", written, len(p.Expected))
	return nil
}

// clock says how old the patient is and how long they were spoken of.
func (c *caseView) clock(r *request, v *roomView, day date.Date) {
	c.On = v.M.Is("running") && !c.Started.IsZero() && c.Ended.IsZero() && c.Status != agenda.Deferred
	if c.On {
		c.Elapsed = max(int(v.Now.Sub(c.Started).Minutes()), 0)
	}
	if born := c.Patient.BirthDate; !born.IsZero() {
		c.Age = lang.N(r.lang, born.AgeAt(day), "%d an", "%d ans")
	}
}

// last is what was decided last time, and what became of it.
func (c *caseView) last(l string, file careplan.File, past []minutes.PastDecision, today date.Date) {
	if len(past) == 0 {
		return
	}
	c.Past, c.PastOn = &past[0], date.Of(past[0].MeetingAt.In(paris()))
	for _, decided := range past[0].Actions {
		at := slices.IndexFunc(file.Actions, func(a careplan.Action) bool { return a.ID == decided.ID })
		if at < 0 {
			continue
		}
		a := file.Actions[at]
		c.PastActions = append(c.PastActions, actionRow{Action: a, State: actionState(l, a, today), Reason: reasonWord(l, a.Reason)})
	}
}

// caseQuorum says the quorum for this patient, as it was kept or as it is now.
func caseQuorum(r *request, full meetings.Full, q meetings.Quorum) verdict {
	counted := lang.N(r.lang, q.Professions, "%d profession présente.", "%d professions présentes.")
	switch q.State {
	case meetings.QuorumReached:
		if n := len(q.Written); n > 0 {
			counted += " " + lang.N(r.lang, n, "Dont %d avis écrit : %s.", "Dont %d avis écrits : %s.", strings.Join(q.Written, ", "))
		}
		return verdict{state{"ok", r.T("Quorum atteint pour ce dossier")}, counted}
	case meetings.QuorumNotReached:
		return verdict{state{"bad", r.T("Quorum non atteint pour ce dossier")}, missing(r, full.Team, q)}
	}
	return verdict{state{"todo", r.T("Quorum inconnu")}, r.T("Aucune présence n’est notée.")}
}

// documentTypes are the types that a sheet may have, as a choice.
func documentTypes(l string) []choice {
	out := make([]choice, len(minutes.DocumentTypes))
	for i, t := range minutes.DocumentTypes {
		out[i] = choice{Key: t.Code, Name: t.French}
		if l == lang.English {
			out[i].Name = t.English
		}
	}
	return out
}

func memberNames(full meetings.Full) []string {
	var names []string
	for _, a := range full.Attendance {
		names = append(names, a.Professional.Name())
	}
	for _, m := range full.Team.Members {
		if !slices.Contains(names, m.Name()) {
			names = append(names, m.Name())
		}
	}
	slices.Sort(names)
	return names
}
