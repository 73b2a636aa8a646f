package notify

import (
	"bytes"
	"embed"
	"html/template"
	"io/fs"
	"strings"
	texttemplate "text/template"

	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/lang"
	"github.com/rcp-care/rcp/meetings"
)

//go:embed mails/*.tmpl
var mails embed.FS

// Mails returns the mail templates that come with RCP: for each kind NAME a
// NAME.txt.tmpl and a NAME.html.tmpl, filled with [Words].
func Mails() fs.FS {
	sub, err := fs.Sub(mails, "mails")
	if err != nil {
		panic(err) // embedded: it is there or the program does not build
	}
	return sub
}

// Words are what a mail's template may say: of a meeting, never of a patient.
type Words struct {
	What                      string // of a calendar mail: meetings.What
	Was, WasEnglish           string // the one date it tells of, as it was
	Series, SeriesEnglish     string // "chaque jeudi de 14 h 30 à 16 h 00"; empty: one meeting
	From, FromEnglish         string // first date of the series to come
	Until, UntilEnglish       string // its last day; empty: endless
	Answer                    string // personal address to answer at; may be empty
	Corrected, Attached, Full bool   // of minutes
	Sure                      bool   // of a quorum: whatever the undecided answer
	Missing, MissingEnglish   string // of a quorum: professions, in words
	Asked, AskedEnglish       string // the time somebody asked for
	Reason                    string // why it is refused
	Team                      string
	Meeting, MeetingEnglish   string // "réunion de synthèse"
	Day, DayEnglish           string // "jeudi 26 novembre 2026"
	Hours, HoursEnglish       string // "14 h 30 – 16 h 00"
	Room, Conference          string
	Link                      string // behind a login
	Week                      Week   // of one person
	Organisation              string
	subjectWord, subjectTail  string
}

// Subject is the mail's neutral subject.
func (w Words) Subject() string { return w.subjectWord + "\u00a0: " + w.subjectTail }

// Links are the addresses of pages, all behind a login.
type Links struct {
	Base string // RCP_BASE_URL
}

func (l Links) meeting(m id.Meeting) string {
	return strings.TrimRight(l.Base, "/") + "/meetings/" + string(m)
}

func (l Links) minutes(m id.Meeting) string { return l.meeting(m) + "/minutes" }

// wordsOf says when and where a meeting is.
func wordsOf(m meetings.Meeting, team meetings.Team) Words {
	loc := m.Location()
	day := date.Of(m.Starts.In(loc))
	w := Words{
		Team: oneLine(team.Name), Room: oneLine(m.Room), Conference: m.URL,
		Meeting: "réunion de synthèse", MeetingEnglish: "care-plan meeting",
		Day: lang.Long(lang.French, day), DayEnglish: lang.Long(lang.English, day),
		Hours:        lang.Range(lang.French, m.Starts.In(loc), m.Ends.In(loc)),
		HoursEnglish: lang.Range(lang.English, m.Starts.In(loc), m.Ends.In(loc)),
	}
	if m.Kind == meetings.RCP {
		w.Meeting, w.MeetingEnglish = "RCP", "multidisciplinary meeting (RCP)"
	}
	w.subjectTail = w.Meeting + ", " + w.Team + ", " + w.Day
	return w
}

// bodies are the parsed templates.
type bodies struct {
	text *texttemplate.Template
	html *template.Template
}

func parseBodies(files fs.FS) (bodies, error) {
	text, err := texttemplate.ParseFS(files, "*.txt.tmpl")
	if err != nil {
		return bodies{}, fault.Wrap("notify.parseBodies", err)
	}
	html, err := template.ParseFS(files, "*.html.tmpl")
	return bodies{text, html}, fault.Wrap("notify.parseBodies", err)
}

func (b bodies) render(name string, w Words) (text, html string, err error) {
	var t, h bytes.Buffer
	if err := b.text.ExecuteTemplate(&t, name+".txt.tmpl", w); err != nil {
		return "", "", fault.Wrap("notify.render", err)
	}
	if err := b.html.ExecuteTemplate(&h, name+".html.tmpl", w); err != nil {
		return "", "", fault.Wrap("notify.render", err)
	}
	return t.String(), h.String(), nil
}
