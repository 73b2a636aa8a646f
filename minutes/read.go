package minutes

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
)

// Get returns one version of signed minutes. Outside the secretary and the
// chair, its content holds only the patients whom the actor cares for.
func (s *Service) Get(ctx context.Context, a auth.Actor, m id.Minutes) (Minutes, error) {
	const op = "minutes.Get"
	v, err := s.store.MinutesByID(ctx, a.Org, m)
	if err != nil {
		return Minutes{}, fault.Wrap(op, err)
	}
	by := a.Change(s.now(), "minutes.read", "minutes", string(m))
	by.Entry.Team = v.Team
	if !a.In(v.Team) {
		return Minutes{}, s.refuse(ctx, op, by)
	}
	some, err := s.narrowed(ctx, a, []Minutes{v})
	if err != nil {
		return Minutes{}, fault.Wrap(op, err)
	}
	return some[0], fault.Wrap(op, s.store.Audit(ctx, by))
}

// OfMeeting returns the signed versions of a meeting's minutes, newest first;
// none while they are not signed.
func (s *Service) OfMeeting(ctx context.Context, a auth.Actor, m id.Meeting) ([]Minutes, error) {
	const op = "minutes.OfMeeting"
	full, err := s.meeting(ctx, a, m, "minutes.read")
	if err != nil {
		return nil, fault.Wrap(op, err)
	}
	all, err := s.store.MinutesOf(ctx, a.Org, m)
	if err != nil {
		return nil, fault.Wrap(op, err)
	}
	if all, err = s.narrowed(ctx, a, all); err != nil {
		return nil, fault.Wrap(op, err)
	}
	return all, fault.Wrap(op, s.store.Audit(ctx, s.change(a, "minutes.read", full.Meeting)))
}

// narrowed keeps in each of the minutes what the actor may see of it. The
// circle is asked once for all of them.
func (s *Service) narrowed(ctx context.Context, a auth.Actor, all []Minutes) ([]Minutes, error) {
	var ids []id.Patient
	for _, v := range all {
		if !a.In(v.Team, auth.Secretary, auth.Chair) {
			ids = append(ids, patientsOf(v.Content)...)
		}
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	seen := map[id.Patient]bool{}
	if len(ids) > 0 {
		var err error
		if seen, err = s.store.InCircle(ctx, a.Org, a.Professional, ids, date.Of(s.now())); err != nil {
			return nil, err
		}
	}
	out := slices.Clone(all)
	for i, v := range out {
		if a.In(v.Team, auth.Secretary, auth.Chair) {
			continue
		}
		out[i].Content = narrow(v.Content, func(p id.Patient) bool { return seen[p] })
		out[i].Documents = slices.DeleteFunc(slices.Clone(v.Documents), func(d Document) bool {
			return d.Kind == Register || !seen[d.Patient]
		})
		if out[i].Content.ReplacesWhy == "" {
			out[i].Reason = ""
		}
	}
	return out, nil
}

// PDF returns a document of a meeting's minutes and a file name without patient
// data. version 0 is the latest signed one or, before, the project. Whole
// registers are for the secretary and the chair: a clinician who asks for one
// gets the register of their own patients.
func (s *Service) PDF(ctx context.Context, a auth.Actor, m id.Meeting, version int, kind DocumentKind, patient id.Patient) (
	pdf []byte, name string, err error,
) {
	const op = "minutes.PDF"
	full, err := s.meeting(ctx, a, m, "minutes.pdf")
	if err != nil {
		return nil, "", fault.Wrap(op, err)
	}
	v, err := s.version(ctx, full, version)
	if err != nil {
		return nil, "", fault.Wrap(op, err)
	}
	by := s.change(a, "minutes.pdf", full.Meeting)
	by.Entry.Patient, by.Entry.Detail = patient, fmt.Sprintf("%s version=%d", kind, v.Version)
	sees, err := s.sight(ctx, a, full.Meeting.Team, patientsOf(v.Content))
	if err != nil {
		return nil, "", fault.Wrap(op, err)
	}
	part := narrow(v.Content, sees)
	if len(part.Cases) == 0 && len(v.Content.Cases) > 0 || kind == Extract && !sees(patient) {
		return nil, "", s.refuse(ctx, op, by)
	}
	if err := s.store.Audit(ctx, by); err != nil {
		return nil, "", fault.Wrap(op, err)
	}
	pdf, err = s.document(ctx, a.Org, v, part, kind, patient)
	return pdf, fileName(v, kind), fault.Wrap(op, err)
}

// version returns a signed version (0: the latest), or the project when there
// is none.
func (s *Service) version(ctx context.Context, full meetings.Full, version int) (Minutes, error) {
	all, err := s.store.MinutesOf(ctx, full.Meeting.Org, full.Meeting.ID)
	if err != nil {
		return Minutes{}, err
	}
	for _, v := range all {
		if version == 0 || v.Version == version {
			return v, nil
		}
	}
	if version != 0 {
		return Minutes{}, fault.New(fault.NotFound, "minutes.version", "Introuvable.")
	}
	st, err := s.read(ctx, full)
	return Minutes{Content: st.content()}, err
}

// document takes a signed document from the archive; a project, or the part of
// a register, is printed.
func (s *Service) document(ctx context.Context, org id.Org, v Minutes, part Content, kind DocumentKind, patient id.Patient) ([]byte, error) {
	whole := kind == Extract || len(patientsOf(part)) == len(patientsOf(v.Content))
	if v.Content.Signed() && whole {
		i := slices.IndexFunc(v.Documents, func(d Document) bool { return d.Kind == kind && (kind == Register || d.Patient == patient) })
		if i < 0 {
			return nil, fault.New(fault.NotFound, "minutes.document", "Ce patient n’est pas dans ce compte rendu.")
		}
		return s.archive.Get(ctx, v.Documents[i].SHA256)
	}
	part, err := s.withLogo(ctx, org, part)
	if err != nil {
		return nil, err
	}
	pdf, _, err := s.render.Render(part, kind, patient, v.SHA256)
	return pdf, err
}

// withLogo puts the picture into a content that names one, to be printed.
func (s *Service) withLogo(ctx context.Context, org id.Org, c Content) (Content, error) {
	if c.Logo.SHA256 == "" {
		return c, nil
	}
	_, b, err := s.store.Logo(ctx, org, c.Logo.SHA256)
	c.Logo.PNG = b
	return c, fault.Wrap("minutes.withLogo", err)
}

func fileName(v Minutes, kind DocumentKind) string {
	what := "compte-rendu"
	if kind == Extract {
		what = "extrait"
	}
	name := what + "-" + v.Content.day().String()
	switch {
	case !v.Content.Signed():
		name += "-projet"
	case v.Version > 1:
		name += fmt.Sprintf("-v%d", v.Version)
	}
	return name + ".pdf"
}

// Archive lists signed minutes, newest meeting first. A clinician finds those
// about the patients they care for, and sees these patients alone.
func (s *Service) Archive(ctx context.Context, a auth.Actor, q ArchiveQuery) ([]Minutes, string, error) {
	const op = "minutes.Archive"
	q = s.sighted(a, q)
	all, next, err := s.store.ArchivedMinutes(ctx, q)
	if err != nil {
		return nil, "", fault.Wrap(op, err)
	}
	if all, err = s.narrowed(ctx, a, all); err != nil {
		return nil, "", fault.Wrap(op, err)
	}
	return all, next, fault.Wrap(op, s.searched(ctx, a, len(all)))
}

// PastDecision is a decision of signed minutes, as their latest version has it.
type PastDecision struct {
	Decision
	MeetingAt time.Time
	TeamName  string
	Minutes   id.Minutes
	SignedAt  time.Time
}

// DecisionsOf returns what was decided for a patient, newest first, to whoever
// may see the patient.
func (s *Service) DecisionsOf(ctx context.Context, a auth.Actor, patient id.Patient) ([]PastDecision, error) {
	const op = "minutes.DecisionsOf"
	by := a.Change(s.now(), "decision.read", "patient", string(patient))
	by.Entry.Patient = patient
	if may, err := s.patients.May(ctx, a, patient); err != nil {
		return nil, fault.Wrap(op, err)
	} else if !may {
		return nil, s.refuse(ctx, op, by)
	}
	versions, err := s.store.MinutesAbout(ctx, a.Org, patient)
	if err != nil {
		return nil, fault.Wrap(op, err)
	}
	var all []PastDecision
	for _, v := range versions {
		for _, k := range v.Content.Cases {
			if k.Patient == patient {
				all = append(all, PastDecision{
					Decision: k.Decision, MeetingAt: v.MeetingAt, TeamName: v.TeamName, Minutes: v.ID, SignedAt: v.SignedAt,
				})
			}
		}
	}
	return all, fault.Wrap(op, s.store.Audit(ctx, by.InSpells()))
}
