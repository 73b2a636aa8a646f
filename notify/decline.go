package notify

import (
	"context"
	"slices"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/lang"
	"github.com/rcp-care/rcp/meetings"
	"github.com/rcp-care/rcp/meetings/ical"
)

// RefusalReader reads the proposal that was refused last (meetings.Service).
type RefusalReader interface {
	LastRefusal(ctx context.Context, a auth.Actor, m id.Meeting, who id.Professional) (meetings.Proposal, error)
}

// decline tells one person that the time they asked for is refused: a
// DECLINECOUNTER (RFC 5546 section 3.2.8) with the reason. The meeting stands
// as their calendar has it.
func (b batch) decline(ctx context.Context) ([]Message, error) {
	if b.d.Refusals == nil {
		return nil, nil
	}
	i := slices.IndexFunc(b.full.Attendance, func(a meetings.Attendance) bool { return a.Professional.ID == b.event.Professional })
	if i < 0 || !b.full.Attendance[i].Professional.Mailable() {
		return nil, nil
	}
	who, m := b.full.Attendance[i].Professional, b.full.Meeting
	p, err := b.d.Refusals.LastRefusal(ctx, b.actor, m.ID, who.ID)
	if err != nil {
		return nil, err
	}
	object := "decline:" + string(m.ID)
	stamp, err := b.stamp(ctx, []auth.Professional{who}, object)
	if err != nil {
		return nil, err
	}
	e := ical.Event{
		UID: m.UID, Stamp: stamp, Zone: m.Zone, Comment: p.Reason,
		Organizer: ical.Organizer{Name: b.team.Name, Address: b.team.OrganizerAddress},
	}
	if m.Linked() {
		e.UID, e.RecurrenceID = meetings.Series{ID: m.Series}.UID(), m.Original
	}
	raw, err := ical.Encode(ical.DeclineCounter, e)
	if err != nil {
		return nil, err
	}
	msg := b.message(who, Notice, m.ID, stamp)
	msg.Thread = thread(object, msg.Address)
	msg, err = b.compose(msg, who, "decline", b.refusal(p), Draft{Method: ical.DeclineCounter, Calendar: raw})
	return []Message{msg}, err
}

// refusal says which time was asked for, and why not.
func (b batch) refusal(p meetings.Proposal) Words {
	w := b.words()
	loc := b.full.Meeting.Location()
	day := date.Of(p.Starts.In(loc))
	w.Asked = lang.Long(lang.French, day) + " (" + lang.Range(lang.French, p.Starts.In(loc), p.Ends.In(loc)) + ")"
	w.AskedEnglish = lang.Long(lang.English, day) + " (" + lang.Range(lang.English, p.Starts.In(loc), p.Ends.In(loc)) + ")"
	w.Reason, w.subjectWord = p.Reason, "Horaire proposé non retenu"
	return w
}
