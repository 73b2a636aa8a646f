package notify

import (
	"context"
	"strings"
	"time"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/event"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/lang"
	"github.com/rcp-care/rcp/meetings"
)

// Week is how much waits for somebody, in numbers alone: nothing in it says for
// whom or what.
type Week struct {
	Who      auth.Professional
	Wanted   bool      // the summary of the week
	Monday   date.Date // of the week, where their team is
	Late     int       // actions, and patients to tell, that are late
	Due      int       // those due by Sunday
	Open     int       // all that are open and due within a month, the late ones too
	Meetings int       // to come by Sunday
	Asks     int       // contributions awaited
}

func (w Week) empty() bool { return w.Late+w.Due+w.Meetings+w.Asks == 0 }

// WeekReader counts what waits for somebody.
type WeekReader interface {
	Week(ctx context.Context, org id.Org, who id.Professional, at time.Time) (Week, error)
}

// WeekPerson is somebody who wants the summary of their week.
type WeekPerson struct {
	ID   id.Professional
	Team id.Team // one of theirs
	Zone string  // of that team
}

// personMails are the events told to one person about all their work.
var personMails = map[event.Kind]func(batch, Week) (name string, w Words, ok bool){
	event.ActionReminded: batch.nudge,
	event.WeekDue:        batch.digest,
}

// aboutWork makes the one mail to the person of the event, when there is
// something to say and an address to say it to.
func (d *Dispatcher) aboutWork(ctx context.Context, actor auth.Actor, e event.Event) ([]Message, error) {
	if d.Weeks == nil {
		return nil, nil
	}
	week, err := d.Weeks.Week(ctx, e.Org, e.Professional, d.Now())
	if err != nil || !week.Who.Mailable() {
		return nil, err
	}
	org, err := d.Store.OrgByID(ctx, e.Org)
	if err != nil {
		return nil, err
	}
	b := batch{d: d, event: e, org: org, team: meetings.Team{Name: org.Name, OrganizerAddress: d.From}, actor: actor}
	name, w, ok := personMails[e.Kind](b, week)
	if !ok {
		return nil, nil
	}
	w.Week, w.Organisation, w.Link = week, oneLine(org.Name), strings.TrimRight(d.BaseURL, "/")+"/actions"
	object := name + ":" + string(week.Who.ID)
	stamp, err := b.stamp(ctx, []auth.Professional{week.Who}, object)
	if err != nil {
		return nil, err
	}
	m := b.message(week.Who, Notice, "", stamp)
	m.Thread = thread(object, m.Address)
	m, err = b.compose(m, week.Who, name, w, Draft{})
	return []Message{m}, err
}

// nudge reminds somebody of what they have to do, unless it is done meanwhile.
func (b batch) nudge(w Week) (string, Words, bool) {
	return "follow", Words{subjectWord: "Actions à suivre", subjectTail: oneLine(b.org.Name)}, w.Open > 0
}

// digest sums somebody's week up, when there is anything in it and they wish it.
func (b batch) digest(w Week) (string, Words, bool) {
	day := lang.Long(lang.French, w.Monday)
	return "week", Words{
		Day: day, DayEnglish: lang.Long(lang.English, w.Monday), subjectWord: "Votre semaine", subjectTail: "à partir du " + day,
	}, w.Wanted && !w.empty()
}

// Lines are the numbers of a week in French words, those that are none left out.
func (w Week) Lines() []string { return w.lines(lang.French) }

// LinesEnglish are the same in English.
func (w Week) LinesEnglish() []string { return w.lines(lang.English) }

func (w Week) lines(l string) []string {
	var out []string
	add := func(n int, one, many string) {
		if n > 0 {
			out = append(out, lang.N(l, n, one, many))
		}
	}
	add(w.Late, "%d action en retard", "%d actions en retard")
	add(w.Due, "%d action à faire cette semaine", "%d actions à faire cette semaine")
	add(w.Meetings, "%d réunion cette semaine", "%d réunions cette semaine")
	add(w.Asks, "%d avis attendu de vous", "%d avis attendus de vous")
	return out
}

// OpenWords says how many actions are open, and LateWords how many of them late.
func (w Week) OpenWords() string { return lang.N(lang.French, w.Open, "%d action", "%d actions") }

// OpenEnglish is the same in English.
func (w Week) OpenEnglish() string { return lang.N(lang.English, w.Open, "%d action", "%d actions") }

// LateWords is empty when none is late.
func (w Week) LateWords() string {
	if w.Late == 0 {
		return ""
	}
	return lang.N(lang.French, w.Late, "dont %d en retard", "dont %d en retard")
}
