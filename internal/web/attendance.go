package web

import (
	"net/http"
	"time"

	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/lang"
	"github.com/rcp-care/rcp/meetings"
)

// attendanceView is who answered what and who was there, when.
type attendanceView struct {
	Base
	Form
	M         meetingHead
	Rows      []attendanceRow
	Quorum    verdict // now, or forecast before the meeting
	Rule      string
	Presences []choice
	Answers   []choice
	May       bool
}

type attendanceRow struct {
	meetings.Attendance
	Profession    string
	Dot, Said     string
	How           string // the answer came: par lien, le 22/11/2026 à 18 h 00
	Present       state
	Arrived, Left time.Time // in the meeting's zone
	From, Until   string    // expected, as the fields have them: 15:00
	Expected      string    // in words
	Mine          bool
}

// presences are how somebody attends, with French source words.
func presences(r *request) []choice {
	return []choice{
		{Key: "", Name: r.T("Pas encore noté")},
		{Key: string(meetings.Present), Name: r.T("Présent")},
		{Key: string(meetings.Remote), Name: r.T("À distance")},
		{Key: string(meetings.Excused), Name: r.T("Excusé")},
		{Key: string(meetings.Absent), Name: r.T("Absent")},
	}
}

func answerChoices(r *request) []choice {
	return []choice{
		{Key: string(meetings.NeedsAction), Name: r.T("sans réponse")},
		{Key: string(meetings.Accepted), Name: r.T("oui")},
		{Key: string(meetings.Tentative), Name: r.T("peut-être")},
		{Key: string(meetings.Declined), Name: r.T("non")},
	}
}

// name is the words of a choice's key.
func name(all []choice, key string) string {
	for _, c := range all {
		if c.Key == key {
			return c.Name
		}
	}
	return ""
}

func (s *Server) attendancePage(r *request) error {
	return s.showAttendance(r, http.StatusOK, Form{})
}

func (s *Server) showAttendance(r *request, status int, f Form) error {
	full, err := s.meetingOf(r)
	if err != nil {
		return err
	}
	b, err := s.base(r, place{team: full.Meeting.Team}, "Présences")
	if err != nil {
		return err
	}
	v := &attendanceView{
		Base: b, Form: f, M: s.head(r, full, "attendance"), Quorum: forecast(r, full, 0), Presences: presences(r), Answers: answerChoices(r),
	}
	v.May = v.M.Leads && !v.M.Is("signed", "cancelled")
	if v.M.Is("running", "held", "signed") {
		v.Quorum = quorumNow(r, full, s.quorumAt(full.Meeting))
	}
	for _, a := range full.Attendance {
		v.Rows = append(v.Rows, attendanceRow{
			Attendance: a, Profession: professionName(r.lang, a.Professional.Profession), Dot: dotOf(a.Answer), Said: name(v.Answers, string(a.Answer)),
			How:     answerOrigin(r, a, full.Meeting),
			Present: presenceState(v.Presences, a.Presence), Arrived: inZone(a.Arrived, full.Meeting), Left: inZone(a.Left, full.Meeting),
			From: clockField(a.ExpectFrom, full.Meeting), Until: clockField(a.ExpectUntil, full.Meeting), Expected: hoursText(r, full.Meeting, a),
			Mine: a.Professional.ID == r.actor.Professional,
		})
	}
	return s.render(r, status, "attendance", v)
}

// clockField is an instant as a time field has it; empty for none.
func clockField(t time.Time, m meetings.Meeting) string {
	if t.IsZero() {
		return ""
	}
	return inZone(t, m).Format("15:04")
}

// answerOrigin says how and when an answer came.
func answerOrigin(r *request, a meetings.Attendance, m meetings.Meeting) string {
	if a.Answer == meetings.NeedsAction || a.AnsweredAt.IsZero() {
		return ""
	}
	how := map[string]string{
		"mail": lang.Mark("depuis l’agenda"), meetings.ByLink: lang.Mark("par le lien"), meetings.ByPage: lang.Mark("sur cette page"),
		meetings.BySecretary: lang.Mark("noté par le secrétariat"),
	}[a.AnswerOrigin]
	if how == "" {
		how = lang.Mark("reçu")
	}
	at := inZone(a.AnsweredAt, m)
	said := r.T("%s, le %s à %s", r.T(how), lang.Numeric(date.Of(at)), lang.Clock(r.lang, at))
	if m.Linked() && !a.Own {
		said = r.T("%s, pour la série", said)
	}
	return said
}

// quorumAt is now, or the last minute of a meeting that is over.
func (s *Server) quorumAt(m meetings.Meeting) time.Time {
	if !m.HeldAt.IsZero() {
		return m.HeldAt.Add(-time.Minute)
	}
	return s.now()
}

func inZone(t time.Time, m meetings.Meeting) time.Time {
	if t.IsZero() {
		return t
	}
	return t.In(m.Location())
}

func presenceState(all []choice, p meetings.Presence) state {
	class := map[meetings.Presence]string{meetings.Present: "ok", meetings.Remote: "on", meetings.Excused: "off", meetings.Absent: "bad"}[p]
	if class == "" {
		class = "todo"
	}
	return state{class, name(all, string(p))}
}

// setAttendance notes one person's line, or all of them from the one form.
func (s *Server) setAttendance(r *request) error {
	full, err := s.meetingOf(r)
	if err != nil {
		return err
	}
	var edits []meetings.AttendanceEdit
	for _, p := range r.form()["who"] {
		edits = append(edits, readAttendance(r, p, full.Meeting))
	}
	_, err = s.cfg.Meetings.SetAttendance(r.ctx(), r.actor, full.Meeting.ID, edits)
	if f, ok := refused(r, err); ok {
		return s.showAttendance(r, http.StatusUnprocessableEntity, f)
	}
	if err != nil {
		return err
	}
	return r.see("/meetings/" + string(full.Meeting.ID) + "/attendance")
}

// readAttendance reads one person's fields, named after their id; a field that
// was not sent changes nothing.
func readAttendance(r *request, who string, m meetings.Meeting) meetings.AttendanceEdit {
	e := meetings.AttendanceEdit{Professional: id.Professional(who)}
	if v, ok := r.GetPostForm("presence-" + who); ok {
		p := meetings.Presence(v)
		e.Presence = &p
	}
	if v, ok := r.GetPostForm("answer-" + who); ok {
		a := meetings.Answer(v)
		e.Answer = &a
	}
	midnight := m.Starts.In(m.Location())
	if v, ok := r.GetPostForm("arrived-" + who); ok {
		at := hourOf(v, midnight)
		e.Arrived = &at
	}
	if v, ok := r.GetPostForm("left-" + who); ok {
		at := hourOf(v, midnight)
		e.Left = &at
	}
	for field, into := range map[string]**time.Time{"from-": &e.ExpectFrom, "until-": &e.ExpectUntil} {
		if v, ok := r.GetPostForm(field + who); ok {
			at := hourOf(v, midnight)
			*into = &at
		}
	}
	return e
}

// answerInvite is a member's own answer, and from when until when they come.
func (s *Server) answerInvite(r *request) error {
	full, err := s.meetingOf(r)
	if err != nil {
		return err
	}
	me := r.actor.Professional
	edit := readAttendance(r, string(me), full.Meeting)
	edit.Presence, edit.Arrived, edit.Left = nil, nil, nil
	if a := meetings.Answer(r.PostForm("answer")); a != "" {
		edit.Answer = &a
	}
	_, err = s.cfg.Meetings.SetAttendance(r.ctx(), r.actor, full.Meeting.ID, []meetings.AttendanceEdit{edit})
	if f, ok := refused(r, err); ok {
		return s.showAgenda(r, http.StatusUnprocessableEntity, full.Meeting.ID, func(v *agendaView) error {
			v.Answer = f
			return nil
		})
	}
	if err != nil {
		return err
	}
	return r.see("/meetings/" + string(full.Meeting.ID))
}
