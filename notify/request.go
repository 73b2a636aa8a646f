package notify

import (
	"context"

	"github.com/rcp-care/rcp/agenda"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/event"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
)

// RequestReader reads requests that came from outside.
type RequestReader interface {
	OutsideOf(ctx context.Context, a auth.Actor, r id.Request) (agenda.Outside, error)
}

// TrackLink is the personal address at which somebody outside follows a request.
type TrackLink func(o agenda.Outside) string

// requestMails are the events told to somebody outside who asked for a patient,
// with the template of each. No word of it says of whom, what or why.
var requestMails = map[event.Kind]string{
	event.RequestReceived: "request",
	event.RequestAnswered: "request-answered",
}

// aboutRequest makes the one mail to the asker: a state and an address, the
// same whoever the patient is and whatever was decided.
func (d *Dispatcher) aboutRequest(ctx context.Context, actor auth.Actor, e event.Event) ([]Message, error) {
	if d.Requests == nil {
		return nil, nil
	}
	o, err := d.Requests.OutsideOf(ctx, actor, e.Request)
	if err != nil {
		return nil, err
	}
	org, err := d.Store.OrgByID(ctx, e.Org)
	if err != nil {
		return nil, err
	}
	who := auth.Professional{Email: o.Outsider.Email}
	if !who.Mailable() {
		return nil, nil
	}
	b := batch{d: d, event: e, org: org, team: meetings.Team{ID: o.Team, Name: o.TeamName, OrganizerAddress: o.Sender}, actor: actor}
	if b.team.OrganizerAddress == "" {
		b.team.OrganizerAddress = d.From
	}
	object := "request:" + string(o.ID)
	stamp, err := b.stamp(ctx, []auth.Professional{who}, object)
	if err != nil {
		return nil, err
	}
	w := Words{Team: oneLine(o.TeamName), Organisation: oneLine(org.Name), Link: d.TrackLink(o), subjectTail: oneLine(o.TeamName)}
	w.subjectWord = "Demande enregistrée"
	if e.Kind == event.RequestAnswered {
		w.subjectWord = "Votre demande a une réponse"
	}
	m := b.message(who, Notice, "", stamp)
	m.Thread = thread(object, m.Address)
	m, err = b.compose(m, who, requestMails[e.Kind], w, Draft{})
	return []Message{m}, err
}
