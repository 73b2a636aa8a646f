package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"net"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/demo"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/minutes"
	"github.com/rcp-care/rcp/notify"
)

type demoCmd struct {
	Dir string `help:"Folder of the demo; must be new or empty. Default: a temporary one."`
}

// demoFile is demo.json: how to reach and sign in to the demo.
type demoFile struct {
	URL      string         `json:"url"`
	Accounts []demo.Account `json:"accounts"`
	PDF      string         `json:"pdf"`   // last week's minutes
	Mails    string         `json:"mails"` // Maildir
}

// Run fills a folder, prints where things are, and serves.
func (c demoCmd) Run(e *env) error {
	a, file, made, err := c.prepare(e)
	if err != nil {
		return err
	}
	defer a.close()
	return a.serve(e.ctx, func(net.Addr) { file.print(e, made) })
}

// prepare fills a folder and sends the mails, so that all is there before
// anybody can look.
func (c demoCmd) prepare(e *env) (*app, demoFile, demo.Result, error) {
	dir, err := c.folder()
	if err != nil {
		return nil, demoFile{}, demo.Result{}, err
	}
	e.Database, e.Archive = "sqlite:"+filepath.Join(dir, "rcp.db"), filepath.Join(dir, "archive")
	e.Papers = filepath.Join(dir, "papers")
	e.MailOut, e.MailIn = "maildir:"+filepath.Join(dir, "mail"), "maildir:"+filepath.Join(dir, "mail", "in")
	clock := &demo.Clock{}
	v, err := newServices(e.ctx, e, clock.Now)
	if err != nil {
		return nil, demoFile{}, demo.Result{}, err
	}
	made, err := fill(e.ctx, v, clock)
	if err != nil {
		return nil, demoFile{}, made, errors.Join(err, v.store.Close())
	}
	a, err := assemble(e.ctx, e, v)
	if err != nil {
		return nil, demoFile{}, made, errors.Join(err, v.store.Close())
	}
	file, err := c.finish(e, a, dir, made)
	if err != nil {
		a.close()
		return nil, file, made, err
	}
	return a, file, made, nil
}

func (c demoCmd) finish(e *env, a *app, dir string, made demo.Result) (demoFile, error) {
	if err := a.sendAll(e.ctx); err != nil {
		return demoFile{}, err
	}
	if err := a.received(e.ctx, made.Signed); err != nil {
		return demoFile{}, err
	}
	keepSmall()
	return c.files(e, dir, made)
}

// demoMemory is what Go may hold before it collects at once: three times what
// lives in a demo. A hash of a password takes half of it for a moment, and
// without a limit the collector would wait for twice that sum.
const demoMemory = 40 << 20

// keepSmall gives back what filling took. GOMEMLIMIT, when set, stands.
func keepSmall() {
	if debug.SetMemoryLimit(-1) == math.MaxInt64 {
		debug.SetMemoryLimit(demoMemory)
	}
	debug.FreeOSMemory()
}

func (c demoCmd) folder() (string, error) {
	if c.Dir == "" {
		return os.MkdirTemp("", "rcp-demo-")
	}
	entries, err := os.ReadDir(c.Dir)
	if err == nil && len(entries) > 0 {
		return "", fmt.Errorf("%s is not empty: choose a new folder, or remove it first", c.Dir)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	dir, err := filepath.Abs(c.Dir)
	if err != nil {
		return "", err
	}
	return dir, os.MkdirAll(dir, 0o700)
}

func fill(ctx context.Context, v *services, clock *demo.Clock) (demo.Result, error) {
	return demo.Fill(ctx, demo.House{
		Clock: clock, CreateOrg: v.store.CreateOrg,
		Actor: func(ctx context.Context, p id.Professional) (auth.Actor, error) {
			a, err := v.store.ActorOf(ctx, p, date.Of(clock.Now()).String())
			a.Origin = "demo"
			return a, err
		},
		Auth: v.auth, Patients: v.patients, Protocols: v.protocols, Meetings: v.meetings, Agenda: v.agenda, Preparation: v.preparation, Minutes: v.minutes, Retention: minutes.NewRetention(v.store, clock.Now),
		Papers: v.papers,
	})
}

// sendAll treats every event and sends every message, so that the mails are
// there when the demo says where they are.
func (a *app) sendAll(ctx context.Context) error {
	for {
		n, err := a.jobs.Dispatcher.Treat(ctx, 500)
		if err != nil {
			return err
		}
		sent, err := a.jobs.Sender.RunOnce(ctx)
		if err != nil {
			return err
		}
		if n == 0 && sent == 0 {
			return nil
		}
	}
}

// received lets some recipients open last week's minutes, and the mail to one
// come back, so that « Envois » shows what it is for.
func (a *app) received(ctx context.Context, signed minutes.Minutes) error {
	system := auth.System(signed.Org, "demo")
	all, err := a.outbox.Receipts(ctx, system, signed)
	if err != nil {
		return err
	}
	back := false
	for i, r := range all {
		switch {
		case r.Sending.ID == "":
		case r.Secure && !r.Full && !back:
			back = true
			full := notify.Report{MessageID: r.Sending.MessageID, Fate: notify.Failed, Said: "552 5.2.2 mailbox full", At: a.env.now()}
			_, err = a.store.SaveReport(ctx, full, system.Change(a.env.now(), "message.reported", "message", ""))
		case i%2 == 0:
			err = a.outbox.Opened(ctx, auth.Actor{Org: signed.Org, Professional: r.Who.ID}, signed.ID)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// files writes demo.json and last week's PDF.
func (demoCmd) files(e *env, dir string, made demo.Result) (demoFile, error) {
	f := demoFile{
		URL: e.BaseURL, Accounts: made.Accounts, Mails: filepath.Join(dir, "mail"),
		PDF: filepath.Join(dir, "compte-rendu.pdf"),
	}
	for _, d := range made.Signed.Documents {
		if d.Patient != "" {
			continue
		}
		raw, err := os.ReadFile(filepath.Join(dir, "archive", d.SHA256[:2], d.SHA256[2:4], d.SHA256+".pdf"))
		if err != nil {
			return f, err
		}
		if err := os.WriteFile(f.PDF, raw, 0o600); err != nil { //nolint:gosec // the operator names the folder
			return f, err
		}
	}
	raw, err := json.MarshalIndent(f, "", "  ")
	if err != nil {
		return f, err
	}
	return f, os.WriteFile(filepath.Join(dir, "demo.json"), append(raw, '\n'), 0o600)
}

func (f demoFile) print(e *env, made demo.Result) {
	var b strings.Builder
	fmt.Fprintf(&b, "\n  RCP, démonstration : tout est fictif.\n\n  %s\n\n", f.URL)
	for _, a := range f.Accounts {
		fmt.Fprintf(&b, "  %-48s %-14s %s\n", a.Email, a.Password, a.Role)
	}
	fmt.Fprintf(&b, "\n  Compte rendu signé : %s\n  Courriels : %s\n  Comptes et jetons : %s\n",
		f.PDF, f.Mails, filepath.Join(filepath.Dir(f.PDF), "demo.json"))
	for _, m := range made.Coming {
		fmt.Fprintf(&b, "  Prochaine réunion : %s, %s\n", m.TeamName, m.Starts.In(m.Location()).Format("02/01/2006 15:04"))
	}
	fmt.Fprint(&b, "\n  Ctrl+C pour arrêter.\n\n")
	fmt.Fprint(e.stdout, b.String())
}
