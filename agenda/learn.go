package agenda

import (
	"slices"
	"time"
)

// CaseKind is the kind of case as far as its duration goes: by its heaviest
// reason.
type CaseKind string

// The kinds of case.
const (
	QuestionCase CaseKind = "question" // somebody asks
	EventCase    CaseKind = "event"    // something happened, or will
	FollowUpCase CaseKind = "follow-up"
)

func kindOf(reasons []Reason) CaseKind {
	for _, r := range reasons { // heaviest first
		switch r.Rule {
		case Requested, AskedByPatient:
			return QuestionCase
		case PatientEvent, Transition:
			return EventCase
		case DeferredBefore, WaitedBefore:
		default:
			return FollowUpCase
		}
	}
	return FollowUpCase
}

// Lasted is how long one case really took, and why it was discussed.
type Lasted struct {
	Reasons        []Reason
	Started, Ended time.Time
}

const (
	learnFrom = 8  // cases of a kind, at least
	learnLast = 40 // the last so many
)

// learn gives the median minutes of the last cases of each kind, newest first,
// within half and twice what the team foresees: a clock left running, or a case
// begun and ended at once, teaches little.
func learn(cases []Lasted, each int) map[CaseKind]int {
	by := map[CaseKind][]int{}
	for _, c := range cases {
		k, took := kindOf(c.Reasons), c.Ended.Sub(c.Started)
		if took > 0 && len(by[k]) < learnLast {
			by[k] = append(by[k], int((took+time.Minute-1)/time.Minute))
		}
	}
	learnt := map[CaseKind]int{}
	for k, all := range by {
		if len(all) < learnFrom {
			continue
		}
		slices.Sort(all)
		learnt[k] = min(max(all[len(all)/2], (each+1)/2), 2*each)
	}
	return learnt
}
