package notify

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/rcp-care/rcp/agenda"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
	"github.com/rcp-care/rcp/minutes/pdf"
)

// AgendaReader reads an agenda in the sight of the actor.
type AgendaReader interface {
	Get(ctx context.Context, a auth.Actor, m id.Meeting) (agenda.Agenda, error)
}

// agenda makes the mails of an agenda that was closed: who may see what is
// judged by [AgendaRecipients] on the day of the closing. Nothing leaves when
// registration opened again meanwhile, nor to whom the agenda in their sight
// was sent before just as it is.
func (b batch) agenda(ctx context.Context) ([]Message, error) {
	m := b.full.Meeting
	if b.d.Agenda == nil || m.Status != meetings.Closed && m.Status != meetings.Running {
		return nil, nil
	}
	g, err := b.d.Agenda.Get(ctx, b.actor, m.ID)
	if err != nil {
		return nil, err
	}
	on := date.Of(b.event.At.In(m.Location()))
	circles, err := b.d.Store.CirclesOn(ctx, b.org.ID, onAgenda(g), on.String())
	if err != nil {
		return nil, err
	}
	accounts, err := b.d.Store.Accesses(ctx, b.org.ID)
	if err != nil {
		return nil, err
	}
	deliveries := byMailbox(AgendaRecipients(AgendaAudience{
		Patients: onAgenda(g), Full: b.full, Org: b.org, Circles: circles, On: on, SignIn: signIn(accounts),
	}))
	return b.agendaMails(ctx, g, deliveries)
}

func (b batch) agendaMails(ctx context.Context, g agenda.Agenda, deliveries []Delivery) ([]Message, error) {
	object := "agenda:" + string(b.full.Meeting.ID)
	to, threads := make([]auth.Professional, len(deliveries)), make([]string, len(deliveries))
	for i, d := range deliveries {
		to[i], threads[i] = d.Who, thread(object, d.Address)
	}
	stamp, err := b.stamp(ctx, to, object)
	if err != nil {
		return nil, err
	}
	told, err := b.d.Store.LastDigests(ctx, threads)
	if err != nil {
		return nil, err
	}
	var ms []Message
	for i, d := range deliveries {
		seen := inSight(g, d.Patients)
		m := b.message(d.Who, AgendaMail, b.full.Meeting.ID, stamp)
		m.Thread = threads[i]
		if m.Digest, err = agendaDigest(seen); err != nil {
			return nil, err
		}
		before, again := told[m.Thread]
		if again && before == m.Digest {
			continue
		}
		if m, err = b.agendaMail(m, d, seen, again); err != nil {
			return nil, err
		}
		ms = append(ms, m)
	}
	return ms, nil
}

func (b batch) agendaMail(m Message, d Delivery, seen agenda.Agenda, again bool) (Message, error) {
	w := b.words()
	w.Attached, w.Full, w.Corrected = d.Secure, d.Full, again
	w.subjectWord = "Ordre du jour arrêté"
	if again {
		w.subjectWord = "Ordre du jour modifié"
	}
	var draft Draft
	if d.Secure {
		r, err := pdf.RenderAgenda(pdf.AgendaOf(b.org, b.full, seen))
		if err != nil {
			return m, err
		}
		day := date.Of(b.full.Meeting.Starts.In(b.full.Meeting.Location()))
		draft.Files = []File{{Name: fmt.Sprintf("ordre-du-jour-%s.pdf", day), Type: "application/pdf", Data: r.PDF}}
	}
	return b.compose(m, d.Who, "agenda", w, draft)
}

// agendaDigest is a hash of what an agenda says of its lines: neither answers
// nor the state of the meeting make it another agenda.
func agendaDigest(g agenda.Agenda) (string, error) {
	type line struct {
		Case     id.Case
		Rank     int
		At       time.Time
		Minutes  int
		Question string
		Reasons  []agenda.Reason
	}
	lines := make([]line, len(g.Items))
	for i, l := range g.Items {
		lines[i] = line{l.ID, l.Position, l.At.UTC(), l.Minutes, l.Question, l.Reasons}
	}
	for _, l := range g.Standard {
		lines = append(lines, line{Case: l.ID})
	}
	text, err := json.Marshal(lines)
	return digest(string(text), fmt.Sprint(g.Hidden)), err
}
