package web

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/lang"
	"github.com/rcp-care/rcp/meetings"
)

// feedbackView is the half minute in which a member says what the meeting was
// worth.
type feedbackView struct {
	Base
	Form
	Meeting meetings.Meeting
	Team    string
	On      date.Date
	Until   date.Date // last day
	Worth   []choice
	Heard   []choice
	Least   int // answers that it takes to be shown
}

// feedbackWords are the four answers, 1 to 4.
func feedbackWords(l string) []string {
	return []string{lang.T(l, "Non"), lang.T(l, "Plutôt non"), lang.T(l, "Plutôt oui"), lang.T(l, "Oui")}
}

func (s *Server) feedbackPage(r *request) error { return s.showFeedback(r, http.StatusOK, Form{}) }

func (s *Server) showFeedback(r *request, status int, f Form) error {
	m, err := pathID[id.Meeting](r, "id")
	if err != nil {
		return err
	}
	full, err := s.cfg.Meetings.MayFeedback(r.ctx(), r.actor, m)
	if err != nil {
		return err
	}
	b, err := s.base(r, place{menu: "/", team: full.Meeting.Team}, "Votre avis sur la réunion")
	if err != nil {
		return err
	}
	loc := full.Meeting.Location()
	v := &feedbackView{
		Base: b, Form: f, Meeting: full.Meeting, Team: full.Team.Name, On: date.Of(full.Meeting.Starts.In(loc)),
		Until: date.Of(full.Meeting.HeldAt.Add(meetings.FeedbackFor).In(loc)), Least: meetings.FeedbackLeast,
	}
	for i, word := range feedbackWords(r.lang) {
		key := strconv.Itoa(i + 1)
		v.Worth = append(v.Worth, choice{key, word, f.Is("worth", key)})
		v.Heard = append(v.Heard, choice{key, word, f.Is("heard", key)})
	}
	return s.render(r, status, "feedback", v)
}

func (s *Server) giveFeedback(r *request) error {
	m, err := pathID[id.Meeting](r, "id")
	if err != nil {
		return err
	}
	err = s.cfg.Meetings.GiveFeedback(r.ctx(), r.actor, m, meetings.Feedback{
		Worth: r.number("worth"), Heard: r.number("heard"), Sentence: r.text("sentence"),
	})
	if f, ok := refused(r, err); ok {
		return s.showFeedback(r, http.StatusUnprocessableEntity, f)
	}
	if err != nil {
		return err
	}
	return r.see("/?did=feedback")
}

// askedFeedback is a meeting on which the person may say what they thought.
type askedFeedback struct {
	Meeting id.Meeting
	Team    string
	On      date.Date
}

func (s *Server) askedFeedback(r *request) ([]askedFeedback, error) {
	all, err := s.cfg.Meetings.FeedbackAsked(r.ctx(), r.actor)
	out := make([]askedFeedback, len(all))
	for i, m := range all {
		out[i] = askedFeedback{m.ID, m.TeamName, date.Of(m.Starts.In(m.Location()))}
	}
	return out, err
}

// mood is the trend of one question over the team's meetings, as a drawing.
type mood struct {
	Name  string
	W, H  int
	Box   string
	Goal  string // path of the best that can be
	Line  string
	Marks []mark
	Alt   string
	Last  string // the last average
}

// moodsOf draws the two questions; nothing when no meeting has enough answers.
func moodsOf(l string, felt []meetings.Felt) []mood {
	if len(felt) == 0 {
		return nil
	}
	return []mood{
		moodOf(l, lang.T(l, "Le temps passé en valait la peine"), felt, func(f meetings.Felt) float64 { return f.Worth }),
		moodOf(l, lang.T(l, "J’ai pu dire ce que j’avais à dire"), felt, func(f meetings.Felt) float64 { return f.Heard }),
	}
}

func moodOf(l, name string, felt []meetings.Felt, of func(meetings.Felt) float64) mood {
	const top, bottom = 6.0, 44.0
	m := mood{Name: name, W: 250, H: 50, Box: "0 0 250 50", Goal: "M0 6H250"}
	xs := along(len(felt), float64(m.W))
	var line, words []string
	for i, f := range felt {
		y := bottom - (of(f)-1)/3*(bottom-top)
		line = append(line, coord(xs[i])+","+coord(y))
		m.Marks = append(m.Marks, mark{Class: "ring", X: coord(xs[i]), Y: coord(y)})
		m.Last = average(l, of(f))
		words = append(words, lang.T(l, "%s le %s (%d réponses)", m.Last, lang.Numeric(feltOn(f)), f.Answers))
	}
	if len(line) > 1 {
		m.Line = strings.Join(line, " ")
	}
	m.Alt = lang.T(l, "%s, moyennes sur 4 : %s", name, strings.Join(words, " ; "))
	return m
}

// average is a mean with one decimal, as the language writes it.
func average(l string, v float64) string {
	text := strconv.FormatFloat(v, 'f', 1, 64)
	if l == lang.English {
		return text
	}
	return strings.ReplaceAll(text, ".", ",")
}

// feltOn is the local day of the meeting that a feedback is about.
func feltOn(f meetings.Felt) date.Date {
	if loc, err := date.Zone(f.Zone); err == nil {
		return date.Of(f.Starts.In(loc))
	}
	return date.Of(f.Starts)
}

// feltRow is one meeting of the table under the trend.
type feltRow struct {
	On           date.Date
	Answers      int
	Worth, Heard string
	Sentences    []string
}

func feltRows(l string, felt []meetings.Felt) []feltRow {
	rows := make([]feltRow, 0, len(felt))
	for i := range felt { // newest first
		f := felt[len(felt)-1-i]
		rows = append(rows, feltRow{feltOn(f), f.Answers, average(l, f.Worth), average(l, f.Heard), f.Sentences})
	}
	return rows
}
