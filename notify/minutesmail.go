package notify

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/minutes"
)

// minutes makes the mails of signed minutes: who may see what is judged on the
// day of the signature, by [Recipients].
func (b batch) minutes(ctx context.Context) ([]Message, error) {
	signed, err := b.d.Minutes.Get(ctx, b.actor, b.event.Minutes)
	if err != nil {
		return nil, err
	}
	on := date.Of(signed.SignedAt.In(b.full.Meeting.Location()))
	circles, err := b.d.Store.CirclesOn(ctx, b.org.ID, patientsOf(signed.Content), on.String())
	if err != nil {
		return nil, err
	}
	accounts, err := b.d.Store.Accesses(ctx, b.org.ID)
	if err != nil {
		return nil, err
	}
	deliveries := byMailbox(byMail(Recipients(Audience{
		Content: signed.Content, Team: b.full.Team, Org: b.org, Circles: circles, On: on, SignIn: signIn(accounts),
	})))
	stamp, err := b.minutesStamp(ctx, deliveries)
	if err != nil {
		return nil, err
	}
	files := documents{b: b, minutes: signed, cache: map[id.Patient][]byte{}}
	var ms []Message
	for _, d := range deliveries {
		m, err := b.minutesMail(ctx, d, &files, stamp)
		if err != nil {
			return nil, err
		}
		ms = append(ms, m)
	}
	return ms, nil
}

func patientsOf(c minutes.Content) []id.Patient {
	ps := make([]id.Patient, len(c.Cases))
	for i, k := range c.Cases {
		ps[i] = k.Patient
	}
	return ps
}

// byMail leaves out who is to be handed the minutes otherwise.
func byMail(all []Delivery) []Delivery {
	return slices.DeleteFunc(all, func(d Delivery) bool { return d.Hand })
}

// byMailbox joins the deliveries to one address: whoever opens that mailbox
// would read each of them anyhow.
func byMailbox(all []Delivery) []Delivery {
	var joined []Delivery
	at := map[string]int{}
	for _, d := range all {
		i, ok := at[auth.Fold(d.Address)]
		if !ok {
			at[auth.Fold(d.Address)] = len(joined)
			joined = append(joined, d)
			continue
		}
		joined[i].Full = joined[i].Full || d.Full
		for _, p := range d.Patients {
			if !slices.Contains(joined[i].Patients, p) {
				joined[i].Patients = append(joined[i].Patients, p)
			}
		}
	}
	return joined
}

func (b batch) minutesStamp(ctx context.Context, ds []Delivery) (time.Time, error) {
	to := make([]auth.Professional, len(ds))
	for i, d := range ds {
		to[i] = d.Who
	}
	return b.stamp(ctx, to, b.minutesObject())
}

// minutesObject keeps the versions of one meeting's minutes in order.
func (b batch) minutesObject() string { return minutesObject(b.full.Meeting.ID) }

func minutesObject(m id.Meeting) string { return "minutes:" + string(m) }

func (b batch) minutesMail(ctx context.Context, d Delivery, files *documents, stamp time.Time) (Message, error) {
	w := b.words()
	w.Link = Links{b.d.BaseURL}.minutes(b.full.Meeting.ID)
	w.Attached, w.Full, w.Corrected = d.Secure, d.Full, files.minutes.Version > 1
	w.subjectWord = "Compte rendu disponible"
	if w.Corrected {
		w.subjectWord = "Compte rendu corrigé disponible"
	}
	var draft Draft
	if d.Secure {
		var err error
		if draft.Files, err = files.of(ctx, d); err != nil {
			return Message{}, err
		}
	}
	m := b.message(d.Who, MinutesMail, b.full.Meeting.ID, stamp)
	m.Thread = thread(b.minutesObject(), m.Address)
	return b.compose(m, d.Who, "minutes", w, draft)
}

// documents reads the PDFs of one version of the minutes, each once.
type documents struct {
	b       batch
	minutes minutes.Minutes
	cache   map[id.Patient][]byte // empty patient: the register
}

// of returns what a delivery attaches: the register, or the extracts of the
// recipient's patients, under names that tell the day and nothing else.
func (f *documents) of(ctx context.Context, d Delivery) ([]File, error) {
	day := date.Of(f.minutes.MeetingAt.In(f.b.full.Meeting.Location())).String()
	if d.Full {
		pdf, err := f.pdf(ctx, minutes.Register, "")
		return []File{{Name: "compte-rendu-" + day + ".pdf", Type: "application/pdf", Data: pdf}}, err
	}
	var files []File
	for i, p := range d.Patients {
		pdf, err := f.pdf(ctx, minutes.Extract, p)
		if err != nil {
			return nil, err
		}
		files = append(files, File{Name: fmt.Sprintf("compte-rendu-%s-%d.pdf", day, i+1), Type: "application/pdf", Data: pdf})
	}
	return files, nil
}

func (f *documents) pdf(ctx context.Context, kind minutes.DocumentKind, p id.Patient) ([]byte, error) {
	if pdf, ok := f.cache[p]; ok {
		return pdf, nil
	}
	pdf, _, err := f.b.d.Minutes.PDF(ctx, f.b.actor, f.minutes.Meeting, f.minutes.Version, kind, p)
	if err == nil {
		f.cache[p] = pdf
	}
	return pdf, err
}
