package notify

import (
	"context"
	"slices"
	"strings"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/event"
	"github.com/rcp-care/rcp/internal/lang"
	"github.com/rcp-care/rcp/meetings"
)

// plainMails are the events whose mails change no calendar, each by itself.
var plainMails = map[event.Kind]func(batch, context.Context) ([]Message, error){
	event.MinutesSigned:     batch.minutes,
	event.MeetingClosed:     batch.agenda,
	event.AnswerWanted:      batch.reminder,
	event.ContributionAsked: batch.contribution,
	event.QuorumThreatened:  batch.alert,
	event.ProposalRefused:   batch.decline,
}

// reminder asks one person again for their answer, unless it came meanwhile or
// is no longer awaited.
func (b batch) reminder(ctx context.Context) ([]Message, error) {
	i := slices.IndexFunc(b.full.Attendance, func(a meetings.Attendance) bool { return a.Professional.ID == b.event.Professional })
	if i < 0 || !b.awaits() || b.full.Attendance[i].Answer != meetings.NeedsAction || !b.full.Attendance[i].Professional.Mailable() {
		return nil, nil
	}
	who := b.full.Attendance[i].Professional
	w := b.words()
	w.subjectWord = "Votre réponse est attendue"
	if b.d.AnswerLink != nil {
		st := meetings.State{Org: b.org, Team: b.team, Dates: []meetings.Full{b.full}} // this date alone
		w.Answer = b.d.AnswerLink(st, meetings.Notice{Who: who})
	}
	return b.plain(ctx, "remind", w, []auth.Professional{who})
}

// contribution reminds one person of what they are asked to write about the cases
// of a meeting, unless they wrote it meanwhile or left the team. It names no patient: its
// link leads, behind a login, to all that is awaited of them.
func (b batch) contribution(ctx context.Context) ([]Message, error) {
	draft := b.full.Meeting.Status == meetings.Draft && b.d.Now().Before(b.full.Meeting.Starts) // asked by hand, before the invitations
	if b.d.Awaited == nil || !b.awaits() && !draft {
		return nil, nil
	}
	waits, err := b.d.Awaited.Unanswered(ctx, b.actor, b.full.Meeting.ID)
	today := date.Of(b.d.Now().In(b.full.Meeting.Location()))
	i := slices.IndexFunc(b.full.Team.Members, func(m meetings.Member) bool { return m.ID == b.event.Professional && m.Mailable() && m.On(today) })
	if err != nil || i < 0 || !slices.Contains(waits, b.event.Professional) {
		return nil, err
	}
	w := b.words()
	w.subjectWord = "Votre avis est attendu"
	w.Link += "/preparation"
	return b.plain(ctx, "contribution", w, []auth.Professional{b.full.Team.Members[i].Professional})
}

// alert tells the secretaries and chairs of the team that the quorum will not
// be reached, or hangs on people who have not decided, and who is missing:
// professions, never a patient. Nothing leaves when it is reached meanwhile.
func (b batch) alert(ctx context.Context) ([]Message, error) {
	o := meetings.Foresee(b.full.Meeting.Kind, b.full.Team.Quorum, b.full.Attendance)
	if !b.awaits() || o.State == meetings.QuorumReached {
		return nil, nil
	}
	w := b.words()
	w.Sure = o.State == meetings.QuorumNotReached
	w.subjectWord = "Quorum incertain"
	missing := o.Hanging
	if w.Sure {
		w.subjectWord, missing = "Quorum menacé", o.Missing
	}
	w.Missing, w.MissingEnglish = needs(missing, lang.French), needs(missing, lang.English)
	return b.plain(ctx, "quorum", w, b.leaders())
}

// awaits reports whether the meeting still awaits answers.
func (b batch) awaits() bool {
	m := b.full.Meeting
	return (m.Status == meetings.Open || m.Status == meetings.Closed) && b.d.Now().Before(m.Starts)
}

// leaders are the team's secretaries and chairs with a mailbox, one a mailbox.
func (b batch) leaders() []auth.Professional {
	today := date.Of(b.d.Now().In(b.full.Meeting.Location()))
	var all []auth.Professional
	seen := map[string]bool{}
	for _, m := range b.full.Team.Members {
		if mayReadAll(m, today) && m.Mailable() && !seen[auth.Fold(m.Email)] {
			seen[auth.Fold(m.Email)] = true
			all = append(all, m.Professional)
		}
	}
	return all
}

// plain makes one mail without any object for each person.
func (b batch) plain(ctx context.Context, name string, w Words, to []auth.Professional) ([]Message, error) {
	object := name + ":" + string(b.full.Meeting.ID)
	stamp, err := b.stamp(ctx, to, object)
	if err != nil {
		return nil, err
	}
	var ms []Message
	for _, p := range to {
		m := b.message(p, Notice, b.full.Meeting.ID, stamp)
		m.Thread = thread(object, m.Address)
		if m, err = b.compose(m, p, name, w, Draft{}); err != nil {
			return nil, err
		}
		ms = append(ms, m)
	}
	return ms, nil
}

// needs says what a quorum lacks.
func needs(keys []string, l string) string {
	names := make([]string, len(keys))
	for i, k := range keys {
		switch k {
		case meetings.NeedSpecialties:
			names[i] = lang.T(l, "des médecins de spécialités différentes")
		case meetings.NeedProfessions:
			names[i] = lang.T(l, "des professions différentes")
		default:
			names[i] = strings.ToLower(meetings.ProfessionName(k, l))
		}
	}
	return strings.Join(names, ", ")
}
