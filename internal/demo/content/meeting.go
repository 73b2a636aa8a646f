package content

// Meeting is last week's meeting: held WeeksAgo weeks before this week's, at
// the team's local hours.
type Meeting struct {
	Team       string       `json:"team"`
	WeeksAgo   int          `json:"weeks_ago"`
	Started    string       `json:"started"` // "14:31"
	Ended      string       `json:"ended"`
	Attendance []Attendance `json:"attendance"`
	Cases      []HeldCase   `json:"cases"`    // in the order discussed
	Deferred   []NotReached `json:"deferred"` // carried to this week
}

// Attendance is one member's presence. Arrived and Left are local hours, empty
// for who did not come.
type Attendance struct {
	Member   string `json:"member"`
	Presence string `json:"presence"` // present, remote, excused, absent
	Arrived  string `json:"arrived,omitempty"`
	Left     string `json:"left,omitempty"`
	Note     string `json:"note,omitempty"`
}

// HeldCase is a patient discussed last week.
type HeldCase struct {
	Patient  string   `json:"patient"`
	Question string   `json:"question"`
	Started  string   `json:"started"`
	Ended    string   `json:"ended"`
	Decision Decision `json:"decision"`
}

// NotReached is a patient on last week's agenda that was not discussed.
type NotReached struct {
	Patient string `json:"patient"`
	Reason  string `json:"reason"`
}

// Decision is what a meeting decides for one patient.
type Decision struct {
	Minutes          int              `json:"minutes"` // time it took or is given
	Summary          string           `json:"summary"` // what changes
	Wishes           string           `json:"wishes"`  // the patient's, in their words
	Informer         string           `json:"informer"`
	InformByInDays   int              `json:"inform_by_in_days"`
	NextReviewInDays int              `json:"next_review_in_days"`
	Verdicts         []Verdict        `json:"verdicts"`
	NewObjectives    []Objective      `json:"new_objectives,omitempty"`
	Actions          []DecisionAction `json:"actions"`
	Dissent          *Dissent         `json:"dissent,omitempty"`
}

// Verdict judges an objective of the plan; Objective counts from 1.
type Verdict struct {
	Objective int    `json:"objective"`
	Verdict   string `json:"verdict"` // achieved, progress, stable, setback, abandoned
	Comment   string `json:"comment"`
}

// DecisionAction is an action decided; Objective counts from 1.
type DecisionAction struct {
	Title     string `json:"title"`
	Who       string `json:"who"`
	DueInDays int    `json:"due_in_days"`
	Objective int    `json:"objective"`
}

// Dissent is a member's disagreement, in their words.
type Dissent struct {
	By   string `json:"by"`
	Text string `json:"text"`
}

// SuggestedFor returns what a visitor could plausibly decide for the patient
// this week: the written suggestion, or one that carries the plan on.
func SuggestedFor(p Patient) Decision {
	if p.Suggested != nil {
		return *p.Suggested
	}
	d := Decision{
		Minutes: 6, Informer: p.Referent, InformByInDays: 3, NextReviewInDays: p.Plan.IntervalDays,
		Summary: "Plan poursuivi sans changement, même fréquence des passages.",
		Wishes:  "«\u00a0On continue comme ça.\u00a0»",
	}
	for i := range p.Plan.Objectives {
		d.Verdicts = append(d.Verdicts, Verdict{Objective: i + 1, Verdict: "stable", Comment: "Pas de changement depuis le dernier examen."})
	}
	return d
}
