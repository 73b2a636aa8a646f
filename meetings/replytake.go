package meetings

import (
	"slices"
	"strings"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/id"
)

// maxComment bounds a comment, in octets.
const maxComment = 2000

// take notes what an answer changes.
func (w *weighing) take(v verdict, r Reply, f Full, whole bool, who auth.Professional) verdict {
	v.status = InboundApplied
	var delegate auth.Professional
	if r.Answer == Delegated {
		to, ok := w.delegate(r, who)
		if !ok {
			return v.review(ReasonDelegateUnknown)
		}
		delegate = to.Professional
	}
	if whole {
		w.takeSeries(r, who, delegate)
		return v
	}
	w.takeDate(r, f, who, delegate)
	return v
}

// delegate finds who comes instead: exactly one other professional of the
// organisation.
func (w *weighing) delegate(r Reply, who auth.Professional) (answerer, bool) {
	if len(r.DelegatedTo) != 1 {
		return answerer{}, false
	}
	p, ok := w.known(func(p auth.Professional) bool { return has(p, r.DelegatedTo[0]) })
	return p, ok && p.ID != who.ID
}

// takeDate notes an answer to one date.
func (w *weighing) takeDate(r Reply, f Full, who, delegate auth.Professional) {
	a := w.row(f, who)
	was := a.Delegate
	a.Answer, a.AnsweredAt, a.AnswerOrigin, a.Own = r.Answer, w.now, r.origin(), true
	a.Sequence, a.Stamp, a.Comment, a.Delegate = r.Sequence, r.Stamp, r.comment(), delegate.ID
	a.DelegatedBy = w.delegator(r, f, a.DelegatedBy, who)
	w.put(a)
	if was != "" && was != delegate.ID {
		w.unlink(f, was, who.ID)
	}
	if delegate.ID != "" {
		d := w.row(f, delegate)
		d.DelegatedBy = who.ID
		w.put(d)
	}
}

// takeSeries notes an answer to every date to come that has none of its own.
func (w *weighing) takeSeries(r Reply, who, delegate auth.Professional) {
	one := SeriesReply{Delegate: delegate.ID, New: SeriesAnswer{
		Series: w.state.Series.ID, Professional: who.ID, Answer: r.Answer, AnsweredAt: w.now, Origin: r.origin(),
		Comment: r.comment(), Sequence: r.Sequence, Stamp: r.Stamp,
	}}
	w.state.Answers = slices.Clone(w.state.Answers)
	i := slices.IndexFunc(w.state.Answers, func(a SeriesAnswer) bool { return a.Professional == who.ID })
	if i >= 0 {
		one.Old = w.state.Answers[i]
		w.state.Answers[i] = one.New
	} else {
		w.state.Answers = append(w.state.Answers, one.New)
	}
	if k := slices.IndexFunc(w.series, func(s SeriesReply) bool { return s.New.Professional == who.ID }); k >= 0 {
		one.Old = w.series[k].Old
		w.series = slices.Delete(w.series, k, k+1)
	}
	w.series = append(w.series, one)
	for _, f := range w.state.ahead(w.now) {
		w.spread(f, one, who, delegate)
	}
}

// spread adds to a date of a series those it does not know yet. The answers of
// the others follow the series' in the store, in one statement.
func (w *weighing) spread(f Full, one SeriesReply, who, delegate auth.Professional) {
	if !f.Invites(who.ID) && w.as != nil {
		a := w.row(f, who)
		a.Answer, a.AnsweredAt, a.AnswerOrigin, a.Delegate = one.New.Answer, one.New.AnsweredAt, one.New.Origin, delegate.ID
		w.put(a)
	}
	if delegate.ID != "" {
		d := w.row(f, delegate)
		d.DelegatedBy = who.ID
		w.put(d)
	}
}

// delegator is whom the person comes for. Their word alone is not enough: the
// other must have said so too.
func (w *weighing) delegator(r Reply, f Full, stands id.Professional, who auth.Professional) id.Professional {
	for _, address := range r.DelegatedFrom {
		for _, a := range f.Attendance {
			if has(a.Professional, address) && a.Answer == Delegated && a.Delegate == who.ID {
				return a.Professional.ID
			}
		}
	}
	return stands
}

// unlink takes back that somebody came for another.
func (w *weighing) unlink(f Full, delegate, who id.Professional) {
	for _, a := range f.Attendance {
		if a.Professional.ID == delegate && a.DelegatedBy == who {
			a = w.row(f, a.Professional)
			a.DelegatedBy = ""
			w.put(a)
		}
	}
}

// row is a person's row of a date as it stands in this weighing, or a new one.
func (w *weighing) row(f Full, who auth.Professional) Attendance {
	is := func(a Attendance) bool { return a.Meeting == f.Meeting.ID && a.Professional.ID == who.ID }
	if i := slices.IndexFunc(w.dates, is); i >= 0 {
		return w.dates[i]
	}
	for _, a := range f.Attendance {
		if a.Professional.ID == who.ID {
			a.Meeting = f.Meeting.ID
			return a
		}
	}
	return Attendance{Meeting: f.Meeting.ID, Professional: who, Role: auth.Clinician, Answer: NeedsAction}
}

// put notes a row to write, in place of an earlier one of this weighing.
func (w *weighing) put(a Attendance) {
	same := func(o Attendance) bool { return o.Meeting == a.Meeting && o.Professional.ID == a.Professional.ID }
	if i := slices.IndexFunc(w.dates, same); i >= 0 {
		w.dates[i] = a
	} else {
		w.dates = append(w.dates, a)
	}
	w.state.Dates = slices.Clone(w.state.Dates)
	for i, f := range w.state.Dates {
		if f.Meeting.ID != a.Meeting {
			continue
		}
		rows := slices.Clone(f.Attendance)
		if k := slices.IndexFunc(rows, func(o Attendance) bool { return o.Professional.ID == a.Professional.ID }); k >= 0 {
			rows[k] = a
		} else {
			rows = append(rows, a)
		}
		w.state.Dates[i].Attendance = rows
	}
}

// added are the people whom this weighing brings to dates, once each.
func (w *weighing) added() []Attendance {
	var all []Attendance
	for _, a := range w.dates {
		if a.Version == 0 && !slices.ContainsFunc(all, func(o Attendance) bool { return o.Professional.ID == a.Professional.ID }) {
			all = append(all, a)
		}
	}
	return all
}

func (r Reply) origin() string {
	if r.Origin == "" {
		return "mail"
	}
	return r.Origin
}

func (r Reply) comment() string {
	c := strings.TrimSpace(strings.ToValidUTF8(strings.ReplaceAll(r.Comment, "\x00", ""), ""))
	if len(c) > maxComment {
		c = strings.ToValidUTF8(c[:maxComment], "")
	}
	return c
}
