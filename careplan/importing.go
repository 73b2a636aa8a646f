package careplan

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/rcp-care/rcp/internal/audit"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/event"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
)

// Import brings batches in, one transaction per patient: a refused patient or
// resource never stops the rest. Importing the same thing twice changes
// nothing. It takes an administrator, a secretary of the target team, or a job.
// With an error (the database failed) the report says what was done before it.
func (s *Service) Import(ctx context.Context, a auth.Actor, t Target, batches ...Batch) (Report, error) {
	return s.ImportProgress(ctx, a, t, func(int, int) {}, batches...)
}

// ImportProgress is Import, calling progress after each patient with the
// patients done and in all.
func (s *Service) ImportProgress(ctx context.Context, a auth.Actor, t Target, progress func(done, total int), batches ...Batch) (
	Report, error,
) {
	t.Fictional = false
	return s.bring(ctx, a, t, progress, batches...)
}

// bring is the import of patients followed, and of fictional ones.
func (s *Service) bring(ctx context.Context, a auth.Actor, t Target, progress func(done, total int), batches ...Batch) (Report, error) {
	const op = "careplan.Import"
	t.Org = cmp.Or(t.Org, a.Org)
	by := a.Change(s.now(), "import", "team", string(t.Team))
	by.Entry.Team = t.Team
	if t.Org != a.Org || !a.Admin && !a.System && (t.Team == "" || !a.In(t.Team, auth.Secretary)) {
		return Report{}, s.refuse(ctx, op, by, "Seuls un secrétaire de l’équipe et un administrateur peuvent importer.")
	}
	if !a.Admin && !a.System {
		t.Within = s.sight(a)
	}
	report := newReport()
	var parts []Batch
	for _, b := range batches {
		parts = append(parts, split(b)...)
		report.note(b)
	}
	for i, part := range parts {
		if err := s.importPart(ctx, a, t, part, &report); err != nil {
			return report, fault.Wrap(op, err)
		}
		progress(i+1, len(parts))
	}
	report.sort(batches)
	by.Entry.Detail = report.detail()
	return report, fault.Wrap(op, s.store.Audit(ctx, by))
}

// importPart imports one patient. A fault that is about this patient becomes
// a refused line; one that is about the database stops the import.
func (s *Service) importPart(ctx context.Context, a auth.Actor, t Target, part Batch, report *Report) error {
	for i := range part.Plans {
		part.Plans[i].Plan = reviewedUntil(part.Plans[i].Plan, date.Of(s.now()))
	}
	by := a.Change(s.now(), "patient.import", "patient", "")
	by.Entry.Team = t.Team
	by.Events = []event.Event{a.Event(s.now(), event.PatientImported)}
	done, err := s.store.ApplyImport(ctx, t, part, by)
	if fault.Is(err, fault.Conflict) {
		done = Report{}
		done.RefuseAll(part, "Quelqu’un modifiait ce dossier au même moment\u00a0: recommencez l’import.")
		err = nil
	}
	if err != nil {
		return err
	}
	report.add(done)
	return s.auditWithheld(ctx, a, t, done.Withheld)
}

// auditWithheld keeps on record whose file somebody tried to write to without
// being allowed to see it.
func (s *Service) auditWithheld(ctx context.Context, a auth.Actor, t Target, patients []id.Patient) error {
	for _, p := range patients {
		by := s.change(a, "patient.import", "patient", string(p), p)
		by.Entry.Outcome, by.Entry.Team = audit.Refused, t.Team
		if err := s.store.Audit(ctx, by); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) sight(a auth.Actor) *Sight {
	v := &Sight{Who: a.Professional, On: date.Of(s.now())}
	for _, t := range a.TeamIDs() {
		if a.In(t, auth.Secretary, auth.Chair) {
			v.Teams = append(v.Teams, t)
		}
	}
	return v
}

// reviewedUntil reads a review dated after today as the next one: it has not
// taken place.
func reviewedUntil(p Plan, today date.Date) Plan {
	if p.LastReview.After(today) {
		p.NextReview, p.LastReview = p.LastReview, date.Date{}
	}
	return p
}

// split cuts a batch into one part per patient, in input order.
func split(b Batch) []Batch {
	var parts []Batch
	index := map[Key]int{}
	of := func(k Key) *Batch {
		i, ok := index[k]
		if !ok {
			i = len(parts)
			index[k], parts = i, append(parts, Batch{})
		}
		return &parts[i]
	}
	for _, p := range b.Patients { // one part each, whatever keys they share: the store judges
		if _, taken := index[p.Keys[0]]; !taken {
			index[p.Keys[0]] = len(parts)
		}
		parts = append(parts, Batch{Patients: []SourcePatient{p}})
	}
	for i, p := range b.Patients {
		for _, k := range p.Keys[1:] {
			if _, taken := index[k]; !taken {
				index[k] = i
			}
		}
	}
	for _, p := range b.Plans {
		part := of(p.Patient)
		part.Plans = append(part.Plans, p)
	}
	for _, o := range b.Objectives {
		part := of(o.Patient)
		part.Objectives = append(part.Objectives, o)
	}
	for _, x := range b.Actions {
		part := of(x.Patient)
		part.Actions = append(part.Actions, x)
	}
	for _, e := range b.Events {
		part := of(e.Patient)
		part.Events = append(part.Events, e)
	}
	for _, c := range b.Circle {
		part := of(c.Patient)
		part.Circle = append(part.Circle, c)
	}
	return parts
}

func newReport() Report {
	return Report{Counts: map[string]map[Result]int{}, Ignored: map[string]int{}}
}

// Count adds one resource of a kind to the report.
func (r *Report) Count(kind string, result Result) {
	if r.Counts == nil {
		r.Counts = map[string]map[Result]int{}
	}
	if r.Counts[kind] == nil {
		r.Counts[kind] = map[Result]int{}
	}
	r.Counts[kind][result]++
}

// Refuse adds a refused resource and its line.
func (r *Report) Refuse(kind string, at Place, reason string, args ...any) {
	r.Count(kind, Refused)
	r.Lines = append(r.Lines, Line{Result: Refused, Place: at, Reason: reason, Args: args})
}

// Warn adds a warning about a resource that was brought in all the same.
func (r *Report) Warn(at Place, reason string, args ...any) {
	if reason != "" {
		r.Lines = append(r.Lines, Line{Result: Warned, Place: at, Reason: reason, Args: args})
	}
}

// RefuseAll adds a refusal of every resource of a part.
func (r *Report) RefuseAll(part Batch, reason string, args ...any) {
	r.refuseAll(part, reason, args...)
}

func (r *Report) refuseAll(part Batch, reason string, args ...any) {
	for _, p := range part.Patients {
		r.Refuse("patient", p.Place, reason, args...)
	}
	for _, p := range part.Plans {
		r.Refuse("plan", p.Place, reason, args...)
	}
	for _, o := range part.Objectives {
		r.Refuse("objective", o.Place, reason, args...)
	}
	for _, a := range part.Actions {
		r.Refuse("action", a.Place, reason, args...)
	}
	for _, e := range part.Events {
		r.Refuse("event", e.Place, reason, args...)
	}
}

// note takes over what the reader refused, warned of and passed over.
func (r *Report) note(b Batch) {
	kinds := map[string]string{
		"Patient": "patient", "CarePlan": "plan", "Goal": "objective", "Task": "action", "Encounter": "event",
	}
	for _, l := range b.Refused {
		if l.Result == Refused {
			r.Count(cmp.Or(kinds[l.Place.Type], "other"), Refused)
		}
		r.Lines = append(r.Lines, l)
	}
	for _, p := range b.Patients {
		for _, w := range p.Warnings {
			r.Warn(p.Place, w)
		}
	}
	for typ, n := range b.Ignored {
		r.Ignored[typ] += n
	}
}

func (r *Report) add(o Report) {
	for kind, results := range o.Counts {
		for result, n := range results {
			for range n {
				r.Count(kind, result)
			}
		}
	}
	r.Lines = append(r.Lines, o.Lines...)
}

// sort puts the lines in input order: by file as given, then by entry.
func (r *Report) sort(batches []Batch) {
	files := map[string]int{}
	for i, b := range batches {
		for _, p := range b.Patients {
			files[p.Place.File] = i
		}
		for _, l := range b.Refused {
			files[l.Place.File] = i
		}
	}
	slices.SortStableFunc(r.Lines, func(a, b Line) int {
		return cmp.Or(cmp.Compare(files[a.Place.File], files[b.Place.File]), cmp.Compare(a.Place.Entry, b.Place.Entry))
	})
}

// detail is the report in fixed words and numbers, for the audit.
func (r *Report) detail() string {
	var parts []string
	for _, kind := range slices.Sorted(maps.Keys(r.Counts)) {
		for _, result := range []Result{Created, Updated, Unchanged, Refused} {
			if n := r.Counts[kind][result]; n > 0 {
				parts = append(parts, fmt.Sprintf("%s %s=%d", kind, result, n))
			}
		}
	}
	return strings.Join(parts, ", ")
}

// Changed reports whether the import created or updated anything.
func (r Report) Changed() bool {
	for _, results := range r.Counts {
		if results[Created]+results[Updated] > 0 {
			return true
		}
	}
	return false
}
