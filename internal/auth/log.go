package auth

import (
	"context"
	"time"

	"github.com/rcp-care/rcp/internal/audit"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
)

// LogStore is what Log needs of the database.
type LogStore interface {
	AuditEntries(ctx context.Context, org id.Org, f audit.Filter) ([]audit.Entry, error)
	VerifyAudit(ctx context.Context, org id.Org) (bad int64, err error)
	Audit(ctx context.Context, by audit.Change) error
}

// Log lets people read the audit log: an administrator all of it, a secretary
// what concerns one of their teams, and whoever may see a patient who else
// opened that file. Reading it is itself not logged, but a refusal is.
type Log struct {
	store LogStore
	may   func(ctx context.Context, a Actor, p id.Patient) (bool, error)
	now   func() time.Time
}

// NewLog returns a log; may says who may see a patient (careplan.Service.May).
func NewLog(store LogStore, may func(context.Context, Actor, id.Patient) (bool, error), now func() time.Time) *Log {
	return &Log{store: store, may: may, now: now}
}

// MaxEntries is the most entries that one reading returns.
const MaxEntries = 500

// Entries reads the log, newest first. A secretary names one of their teams.
func (l *Log) Entries(ctx context.Context, a Actor, f audit.Filter) ([]audit.Entry, error) {
	const op = "auth.Log.Entries"
	if !a.Admin && !a.System && (f.Team == "" || !a.In(f.Team, Secretary)) {
		by := a.Change(l.now(), "audit.read", "team", string(f.Team))
		by.Entry.Team = f.Team
		return nil, l.refuse(ctx, op, by)
	}
	f.Limit = limited(f.Limit)
	all, err := l.store.AuditEntries(ctx, a.Org, f)
	return all, fault.Wrap(op, err)
}

// OfPatient reads who opened a patient's file since an instant, newest first.
func (l *Log) OfPatient(ctx context.Context, a Actor, p id.Patient, since time.Time, limit int) ([]audit.Entry, error) {
	const op = "auth.Log.OfPatient"
	ok, err := l.may(ctx, a, p)
	if err != nil {
		return nil, fault.Wrap(op, err)
	}
	if !ok {
		by := a.Change(l.now(), "audit.read", "patient", string(p))
		by.Entry.Patient = p
		return nil, l.refuse(ctx, op, by)
	}
	f := audit.Filter{Patient: p, Action: "patient.read", From: since, Limit: limited(limit)}
	all, err := l.store.AuditEntries(ctx, a.Org, f)
	return all, fault.Wrap(op, err)
}

// Verify walks the whole chain of the organisation's log and returns the number
// of the first entry that does not hold, or 0.
func (l *Log) Verify(ctx context.Context, a Actor) (bad int64, err error) {
	const op = "auth.Log.Verify"
	if !a.Admin && !a.System && !a.secretaryAnywhere() {
		return 0, l.refuse(ctx, op, a.Change(l.now(), "audit.verify", "org", string(a.Org)))
	}
	bad, err = l.store.VerifyAudit(ctx, a.Org)
	return bad, fault.Wrap(op, err)
}

func (a Actor) secretaryAnywhere() bool {
	for t := range a.Teams {
		if a.In(t, Secretary) {
			return true
		}
	}
	return false
}

func (l *Log) refuse(ctx context.Context, op string, by audit.Change) error {
	return audit.Refuse(ctx, l.store, op, by, "Vous n’avez pas accès à ceci.")
}

func limited(n int) int {
	if n <= 0 || n > MaxEntries {
		return 100
	}
	return n
}
