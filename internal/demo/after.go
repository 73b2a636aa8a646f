package demo

import (
	"context"
	"time"

	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
)

// moods are what members thought of last week's meeting, without names.
var moods = []meetings.Feedback{
	{Worth: 4, Heard: 4, Sentence: "On a tenu l’heure, et tout le monde a parlé."},
	{Worth: 3, Heard: 3},
	{Worth: 3, Heard: 4, Sentence: "Les documents étaient là, on gagne du temps."},
	{Worth: 2, Heard: 2, Sentence: "Le dernier dossier a été traité trop vite."},
	{Worth: 4, Heard: 3},
}

// after is what followed last week's meeting: those who were there say what it
// was worth, and the first patient is told what was decided.
func (f *filler) after(ctx context.Context, chair auth.Actor, m meetings.Meeting, cases []id.Case) error {
	given := 0
	for _, a := range f.c.LastMeeting.Attendance {
		here := a.Presence == string(meetings.Present) || a.Presence == string(meetings.Remote)
		if !here || given == len(moods) {
			continue
		}
		who := f.people[a.Member]
		by := auth.Actor{Professional: who.ID, Org: f.system.Org, Name: who.Name(), Origin: f.system.Origin}
		if err := f.Meetings.GiveFeedback(ctx, by, m.ID, moods[given]); err != nil {
			return err
		}
		given++
	}
	f.Clock.Set(f.Clock.Now().Add(20 * time.Hour))
	on := date.Of(f.Clock.Now().In(m.Location()))
	_, err := f.Patients.SetTold(ctx, chair, cases[0], careplan.ToldChange{On: on, How: careplan.ByPhone, Version: 1})
	return err
}
