package main

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/rcp-care/rcp/agenda"
	"github.com/rcp-care/rcp/agenda/papers"
	"github.com/rcp-care/rcp/agenda/preparation"
	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/careplan/protocol"
	"github.com/rcp-care/rcp/internal/archive"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/clamd"
	"github.com/rcp-care/rcp/internal/event"
	"github.com/rcp-care/rcp/internal/handover"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/jobs"
	"github.com/rcp-care/rcp/internal/link"
	"github.com/rcp-care/rcp/internal/live"
	"github.com/rcp-care/rcp/internal/store"
	"github.com/rcp-care/rcp/internal/web"
	"github.com/rcp-care/rcp/internal/web/api"
	"github.com/rcp-care/rcp/internal/web/dav"
	"github.com/rcp-care/rcp/internal/web/ops"
	"github.com/rcp-care/rcp/meetings"
	"github.com/rcp-care/rcp/minutes"
	"github.com/rcp-care/rcp/minutes/pdf"
	"github.com/rcp-care/rcp/notify"
	"github.com/rcp-care/rcp/notify/inbox"
	"github.com/rcp-care/rcp/notify/mailbox"
)

// services are the domain on one store, without anything that listens or runs.
type services struct {
	store       *store.Store
	auth        *auth.Service
	journal     *auth.Log
	patients    *careplan.Service
	protocols   *protocol.Service
	meetings    *meetings.Service
	agenda      *agenda.Service
	papers      *papers.Service
	preparation *preparation.Service
	minutes     *minutes.Service
	outbox      *notify.Service
	inbox       *inbox.Service
	handover    *handover.Service
}

func newServices(ctx context.Context, e *env, now func() time.Time) (*services, error) {
	s, err := store.Open(ctx, e.Database, now)
	if err != nil {
		return nil, err
	}
	accounts, err := auth.NewService(s, now)
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	v := &services{store: s, auth: accounts}
	v.patients = careplan.NewService(s, now)
	v.protocols = protocol.NewService(protocol.Config{Store: s, Patients: v.patients, Professions: meetings.ProfessionKeys(), Now: now})
	v.journal = auth.NewLog(s, v.patients.May, now)
	v.meetings = meetings.NewService(s, now)
	v.agenda = agenda.NewService(s, v.patients, now)
	v.papers = newPapers(e, v, now)
	v.preparation = preparation.NewService(s, v.agenda, now)
	v.minutes = minutes.NewService(s, v.patients, pdf.Renderer{}, archive.New(e.Archive), now)
	v.outbox = notify.NewService(s, v.meetings, now)
	v.inbox = inbox.New(inbox.Config{Meetings: v.meetings, Store: s, AuthServ: e.AuthServ, Reports: s, Now: now})
	v.handover = handover.NewService(handover.Config{
		Store: s, Archive: archive.New(e.Archive), Dir: e.ExportsDir(), Name: id.New[string](), Program: "rcp " + version, Now: now,
	})
	return v, nil
}

// newPapers makes the documents' service, with the virus scanner that is set.
func newPapers(e *env, v *services, now func() time.Time) *papers.Service {
	c := papers.Config{Store: v.store, Cases: v.agenda, Meetings: v.store, Folder: archive.Papers(e.Papers), Now: now}
	if e.Clamd != "" {
		c.Scanner = clamd.New(e.Clamd, 0)
	}
	return papers.NewService(c)
}

// app is the running program: pages and API in handler, the rest in jobs.
type app struct {
	*services
	env     *env
	links   link.Signer
	handler http.Handler
	jobs    jobs.Config
	mailbox mailbox.Box // nil: answers come by link alone
	wire    *live.Wire  // nil: one process
	hub     *live.Hub   // brings events to the screens
	stop    context.CancelFunc
}

func newApp(ctx context.Context, e *env) (*app, error) {
	v, err := newServices(ctx, e, e.now)
	if err != nil {
		return nil, err
	}
	a, err := assemble(ctx, e, v)
	if err != nil {
		return nil, errors.Join(err, v.store.Close())
	}
	return a, nil
}

// assemble puts pages, API and jobs around the services.
func assemble(ctx context.Context, e *env, v *services) (*app, error) {
	a := &app{services: v, env: e}
	ctx, a.stop = context.WithCancel(ctx)
	var err error
	if a.links, err = newSigner(ctx, e.Config, v.store); err != nil {
		return nil, err
	}
	if a.jobs, err = a.newJobs(); err != nil {
		return nil, err
	}
	if err := a.openMailbox(); err != nil {
		return nil, err
	}
	if err := a.connect(ctx); err != nil {
		return nil, err
	}
	a.handler, err = a.newHandler(ctx)
	return a, err
}

func (a *app) newJobs() (jobs.Config, error) {
	transport, err := notify.OpenTransport(a.env.MailOut)
	if err != nil {
		return jobs.Config{}, err
	}
	dispatcher, err := notify.NewDispatcher(notify.Config{
		Store: a.store, Calendars: a.meetings, Meetings: a.meetings, Minutes: a.minutes, Agenda: a.agenda,
		Mails: notify.Mails(), BaseURL: a.env.BaseURL, From: a.env.MailFrom, Hold: a.env.Hold, Now: a.env.now,
		Refusals: a.meetings, AnswerLink: answerLink(a.env.BaseURL, a.links, a.env.now), Awaited: a.preparation,
		Requests: a.agenda, TrackLink: trackLink(a.env.BaseURL, a.links), Weeks: a.store,
	})
	if err != nil {
		return jobs.Config{}, err
	}
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		return jobs.Config{}, err
	}
	return jobs.Config{
		Store: a.store, Meetings: a.meetings, Dispatcher: dispatcher, Awaited: a.preparation, Papers: a.papers, Exporter: a.handover,
		Sender: notify.NewSender(a.store, transport, a.env.now, rand.Float64, 0),
		Bell:   jobs.NewBell(), Zone: paris, Now: a.env.now, Log: a.env.log,
	}, nil
}

// openMailbox gives the jobs the mailbox that answers come back to.
func (a *app) openMailbox() (err error) {
	if !a.env.ReadsMail() {
		return nil
	}
	if a.mailbox, err = mailbox.Open(a.env.MailIn); err != nil {
		return err
	}
	a.jobs.Mailbox = &jobs.Mailbox{Box: a.mailbox, Take: a.inbox.Take, Lease: a.store.Lease, Name: id.New[string]()}
	return nil
}

// liveEvery is how often the database is looked into while a screen listens:
// what Redis, when there is one, does not bring.
const liveEvery = time.Second

// connect wakes our own jobs and screens at each commit and, through Redis, the
// others'.
func (a *app) connect(ctx context.Context) (err error) {
	bell := a.jobs.Bell
	a.hub = live.NewHub(a.store, a.env.log)
	told := func(events []event.Event) { bell.Ring(); a.hub.Tell(events) }
	a.store.OnCommit(told)
	if a.env.Redis != "" {
		if a.wire, err = live.Dial(a.env.Redis, a.env.log); err != nil {
			return err
		}
		a.store.OnCommit(func(events []event.Event) { told(events); a.wire.Ring() })
		go a.wire.Run(ctx, func() { bell.Ring(); a.hub.Wake() })
	}
	return nil
}

func (a *app) newHandler(ctx context.Context) (http.Handler, error) {
	orgName := ""
	if all, err := a.store.Orgs(ctx); err == nil && len(all) == 1 {
		orgName = all[0].Name
	}
	watch := ops.New(a.opsConfig())
	return web.New(web.Config{
		Patients: a.patients, Protocols: a.protocols, Meetings: a.meetings, Agenda: a.agenda, Preparation: a.preparation, Minutes: a.minutes, Outbox: a.outbox, Inbox: a.inbox, Auth: a.auth,
		Papers: a.papers, Handovers: a.handover, Retention: minutes.NewRetention(a.store, a.env.now),
		Journal: a.journal, Links: a.links, Live: a.hub, OrgName: orgName, BaseURL: a.env.BaseURL, Proxies: a.env.TrustedProxies(),
		Log: a.env.log, Now: a.env.now, Count: watch.Count, Missing: api.Missing,
		Parts: []web.Part{watch, api.New(api.Config{
			Auth: a.auth, Patients: a.patients, Meetings: a.meetings, Agenda: a.agenda, Minutes: a.minutes,
			Outbox: a.outbox, Audit: a.journal, Version: version, Zone: a.jobs.Zone, Log: a.env.log, Now: a.env.now,
		}), dav.New(dav.Config{
			Auth: a.auth, Meetings: a.meetings, Tasks: a.patients, BaseURL: a.env.BaseURL, From: a.env.MailFrom, Log: a.env.log,
		})},
	})
}

func (a *app) opsConfig() ops.Config {
	c := ops.Config{
		Database: a.store.Ping, Outbox: a.store.OutboxCounts, Jobs: a.store.JobCounts,
		MetricsToken: a.env.Metrics, Log: a.env.log, Version: version, Now: a.env.now,
	}
	if a.wire != nil {
		c.Redis = a.wire.Ping
	}
	return c
}

func (a *app) close() {
	a.stop()
	if a.wire != nil {
		_ = a.wire.Close()
	}
	if a.mailbox != nil {
		_ = a.mailbox.Close()
	}
	if err := a.store.Close(); err != nil {
		a.env.log.Error("closing the database", "error", err)
	}
}
