package minutes

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/rcp-care/rcp/internal/audit"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
)

// Hold keeps everything about a patient beyond any term: a claim or a suit
// suspends the terms (code de la santé publique, article R. 1112-7).
type Hold struct {
	ID        id.Hold
	Org       id.Org
	Patient   id.Patient
	IPP       string
	Reason    string
	Since     time.Time
	By        id.Professional
	ByName    string
	Lifted    time.Time // zero: it holds
	LiftedBy  string
	LiftedWhy string
}

// RetentionStore is what retention needs of the database. Each writing method
// is one transaction.
type RetentionStore interface {
	RetentionClasses(ctx context.Context, org id.Org) ([]RetentionClass, error) // those that were changed or added
	// RetentionTeams returns the class of each team that has another than HospitalRecord.
	RetentionTeams(ctx context.Context, org id.Org) (map[id.Team]string, error)
	SaveRetentionClass(ctx context.Context, c RetentionClass, by audit.Change) error
	SetRetentionTeam(ctx context.Context, org id.Org, t id.Team, class string, by audit.Change) error
	// KeptSince reads the patients of signed minutes whose last meeting was on
	// a day or before, oldest first; at most limit.
	KeptSince(ctx context.Context, org id.Org, last date.Date, limit int) ([]Kept, error)
	Holds(ctx context.Context, org id.Org) ([]Hold, error) // those that hold first, newest first
	HoldByID(ctx context.Context, org id.Org, h id.Hold) (Hold, error)
	PatientByIPP(ctx context.Context, org id.Org, ipp string) (id.Patient, error)
	PutHold(ctx context.Context, h Hold, by audit.Change) error
	LiftHold(ctx context.Context, h Hold, by audit.Change) error
	Audit(ctx context.Context, by audit.Change) error
}

// Retention keeps the classes, the terms and the holds of an organisation's
// signed minutes, for its administrators. It erases nothing: an elimination is
// decided outside RCP, by those whom the law names (article R. 1112-7: the
// director, on a physician's advice and, for public archives, with the visa of
// the archives' administration).
type Retention struct {
	store RetentionStore
	now   func() time.Time
}

// NewRetention returns a service.
func NewRetention(store RetentionStore, now func() time.Time) *Retention {
	return &Retention{store: store, now: now}
}

// Schedule is how long an organisation keeps, and what reaches its term.
type Schedule struct {
	Classes []RetentionClass
	Teams   map[id.Team]string // class of those that have another than HospitalRecord
	Ending  []Kept             // term in the year or before it, soonest first
	More    bool               // there are others
	Holds   []Hold
}

// ClassOf is the class of a team.
func (s Schedule) ClassOf(t id.Team) RetentionClass {
	key := cmp.Or(s.Teams[t], HospitalRecord)
	i := max(slices.IndexFunc(s.Classes, func(c RetentionClass) bool { return c.Key == key }), 0)
	return s.Classes[i]
}

// maxEnding is the most patients that a schedule lists.
const maxEnding = 500

// Schedule reads the classes, the holds, and what reaches its term in a year or
// has reached it. Who is still followed has no term.
func (r *Retention) Schedule(ctx context.Context, a auth.Actor, year int) (Schedule, error) {
	const op = "minutes.Schedule"
	by := r.change(a, "retention.read", "")
	if err := r.admin(ctx, a, op, by); err != nil {
		return Schedule{}, err
	}
	s, err := r.read(ctx, a.Org)
	if err != nil {
		return s, fault.Wrap(op, err)
	}
	end := date.New(year, time.December, 31)
	kept, err := r.store.KeptSince(ctx, a.Org, years(end, -soonest(s.Classes)), maxEnding+1)
	if err != nil {
		return s, fault.Wrap(op, err)
	}
	if s.More = len(kept) > maxEnding; s.More {
		kept = kept[:maxEnding]
	}
	for _, k := range kept {
		k = k.settle(s.ClassOf)
		i := slices.IndexFunc(s.Holds, func(h Hold) bool { return h.Patient == k.Patient && h.Lifted.IsZero() })
		if i >= 0 {
			k.Hold = s.Holds[i]
		}
		if !k.Followed && !k.Until.IsZero() && !k.Until.After(end) {
			s.Ending = append(s.Ending, k)
		}
	}
	slices.SortStableFunc(s.Ending, func(x, y Kept) int { return x.Until.Sub(y.Until) })
	return s, fault.Wrap(op, r.store.Audit(ctx, by))
}

func (r *Retention) read(ctx context.Context, org id.Org) (s Schedule, err error) {
	own, err := r.store.RetentionClasses(ctx, org)
	if err != nil {
		return s, err
	}
	s.Classes = ShippedClasses(org)
	for _, c := range own {
		if i := slices.IndexFunc(s.Classes, func(x RetentionClass) bool { return x.Key == c.Key }); i >= 0 {
			s.Classes[i] = c
		} else {
			s.Classes = append(s.Classes, c)
		}
	}
	if s.Teams, err = r.store.RetentionTeams(ctx, org); err != nil {
		return s, err
	}
	s.Holds, err = r.store.Holds(ctx, org)
	return s, err
}

// SaveClass changes a class at the version that the actor saw, or adds one (no
// key).
func (r *Retention) SaveClass(ctx context.Context, a auth.Actor, c RetentionClass) error {
	const op = "minutes.SaveClass"
	by := r.change(a, "retention.class", c.Key)
	if err := r.admin(ctx, a, op, by); err != nil {
		return err
	}
	c.Org, c.Name, c.Source = a.Org, strings.TrimSpace(c.Name), strings.TrimSpace(c.Source)
	if err := c.check(op); err != nil {
		return err
	}
	if c.Key == "" {
		c.Key, c.Version = string(id.New[id.Event]()), 0
	}
	by.Entry.ObjectID = c.Key
	by.Entry.Detail = fmt.Sprintf("years=%d until_age=%d after_death=%d from=%s", c.Years, c.UntilAge, c.AfterDeath, c.From)
	return fault.Wrap(op, r.store.SaveRetentionClass(ctx, c, by))
}

// SetTeam gives a team's minutes a class.
func (r *Retention) SetTeam(ctx context.Context, a auth.Actor, t id.Team, class string) error {
	const op = "minutes.SetTeam"
	by := r.change(a, "retention.team", class)
	by.Entry.Team = t
	if err := r.admin(ctx, a, op, by); err != nil {
		return err
	}
	s, err := r.read(ctx, a.Org)
	if err != nil {
		return fault.Wrap(op, err)
	}
	var v fault.Check
	v.That(slices.ContainsFunc(s.Classes, func(c RetentionClass) bool { return c.Key == class }), "class", "Choisissez une classe.")
	if err := v.Err(op); err != nil {
		return err
	}
	return fault.Wrap(op, r.store.SetRetentionTeam(ctx, a.Org, t, class, by))
}

// Hold puts a patient, named by the local identifier, under hold.
func (r *Retention) Hold(ctx context.Context, a auth.Actor, ipp, reason string) error {
	const op = "minutes.Hold"
	by := r.change(a, "hold.put", "")
	if err := r.admin(ctx, a, op, by); err != nil {
		return err
	}
	ipp, reason = strings.TrimSpace(ipp), strings.TrimSpace(reason)
	p, err := r.store.PatientByIPP(ctx, a.Org, ipp)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return fault.Wrap(op, err)
	}
	var v fault.Check
	v.That(p != "", "ipp", "Aucun dossier n’a cet identifiant.")
	checkReason(&v, reason)
	if err := v.Err(op); err != nil {
		return err
	}
	h := Hold{ID: id.New[id.Hold](), Org: a.Org, Patient: p, Reason: reason, Since: r.now(), By: a.Professional, ByName: a.Name}
	by.Entry.ObjectID, by.Entry.Patient = string(h.ID), p
	return fault.Wrap(op, r.store.PutHold(ctx, h, by))
}

// Lift ends a hold, and says why.
func (r *Retention) Lift(ctx context.Context, a auth.Actor, hold id.Hold, why string) error {
	const op = "minutes.Lift"
	by := r.change(a, "hold.lift", string(hold))
	if err := r.admin(ctx, a, op, by); err != nil {
		return err
	}
	h, err := r.store.HoldByID(ctx, a.Org, hold)
	if err != nil {
		return fault.Wrap(op, err)
	}
	var v fault.Check
	h.LiftedWhy = strings.TrimSpace(why)
	checkReason(&v, h.LiftedWhy)
	if err := v.Err(op); err != nil {
		return err
	}
	by.Entry.Patient = h.Patient
	h.Lifted, h.LiftedBy = r.now(), a.Name
	return fault.Wrap(op, r.store.LiftHold(ctx, h, by))
}

func checkReason(v *fault.Check, reason string) {
	v.That(reason != "", "reason", "Un motif est attendu.")
	v.That(utf8.RuneCountInString(reason) <= 500, "reason", "%d caractères au plus.", 500)
}

func (r *Retention) change(a auth.Actor, action, object string) audit.Change {
	return a.Change(r.now(), action, "retention", object)
}

func (r *Retention) admin(ctx context.Context, a auth.Actor, op string, by audit.Change) error {
	if a.Admin || a.System {
		return nil
	}
	return audit.Refuse(ctx, r.store, op, by, "Seuls les administrateurs le peuvent.")
}
