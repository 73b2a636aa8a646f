package content

// Patient is a person of the demo and their plan. Days count from the demo's
// day: "…_in_days" is negative in the past, "…_days_ago" positive.
type Patient struct {
	Key         string `json:"key"`
	Team        string `json:"team"`
	IPP         string `json:"ipp"`
	BirthFamily string `json:"birth_family"` // in capitals
	BirthGiven  string `json:"birth_given"`
	BirthGivens string `json:"birth_givens"` // all birth given names, space separated
	UsedFamily  string `json:"used_family,omitempty"`
	UsedGiven   string `json:"used_given,omitempty"`
	Sex         string `json:"sex"` // "female" or "male"
	BirthDate   string `json:"birth_date"`
	BirthPlace  string `json:"birth_place"` // INSEE code, 5 characters
	BirthCity   string `json:"birth_city"`
	Identity    string `json:"identity"` // PROV, VALI, RECUP or QUAL
	// INSOrder is the last three digits of the NIR, present exactly when the
	// identity is QUAL; the rest and the key are computed (see Patient.INS).
	INSOrder        string     `json:"ins_order,omitempty"`
	Referent        string     `json:"referent"`
	Circle          []string   `json:"circle"` // care circle, the referent first
	Sharing         Sharing    `json:"sharing"`
	DeceasedDaysAgo int        `json:"deceased_days_ago,omitempty"` // 0: alive
	Plan            Plan       `json:"plan"`
	Events          []Event    `json:"events,omitempty"`
	Request         *Request   `json:"request,omitempty"`
	Deferrals       []Deferral `json:"deferrals,omitempty"` // before this week's meeting
	Case            *Case      `json:"case,omitempty"`      // kind rcp only
	// Suggested is a plausible decision for this week's meeting.
	Suggested *Decision `json:"suggested,omitempty"`
}

// Sharing is the patient's agreement to share: "agreed", "opposed" or
// "unknown", and when it was traced.
type Sharing struct {
	State   string `json:"state"`
	DaysAgo int    `json:"days_ago,omitempty"`
}

// Plan is a care plan. LastReviewDaysAgo is nil when never reviewed,
// NextReviewInDays when none is set.
type Plan struct {
	Title             string        `json:"title"`
	Description       string        `json:"description"`
	Status            string        `json:"status"` // draft, active, on-hold, completed
	StartedDaysAgo    int           `json:"started_days_ago"`
	IntervalDays      int           `json:"interval_days"`
	LastReviewDaysAgo *int          `json:"last_review_days_ago,omitempty"`
	NextReviewInDays  *int          `json:"next_review_in_days,omitempty"`
	Expectations      []Expectation `json:"expectations"`
	Needs             []string      `json:"needs,omitempty"`
	Objectives        []Objective   `json:"objectives"`
}

// Expectation is what the patient or the family expects, in their own words.
type Expectation struct {
	Origin string `json:"origin"` // "Usager" or "Famille"
	Text   string `json:"text"`
}

// Objective is one aim of a plan. Lifecycle and Achievement are the words of
// FHIR Goal; Who is a member's key.
type Objective struct {
	Title       string   `json:"title"`
	Description string   `json:"description"`
	Domain      string   `json:"domain"`
	Expected    string   `json:"expected"`
	DueInDays   int      `json:"due_in_days"`
	Who         string   `json:"who"`
	Lifecycle   string   `json:"lifecycle"`
	Achievement string   `json:"achievement"`
	PatientView string   `json:"patient_view,omitempty"`
	Actions     []Action `json:"actions,omitempty"`
}

// Action is who does what by when; Status is FHIR Task.status as RCP uses it.
type Action struct {
	Title     string `json:"title"`
	Who       string `json:"who"`
	DueInDays int    `json:"due_in_days"`
	Status    string `json:"status"`
}

// Event is something that happened. Kind is a careplan.EventKind; Days is how
// long it lasted, 0 for a moment.
type Event struct {
	Kind   string `json:"kind"`
	Label  string `json:"label"`
	Reason string `json:"reason"`
	InDays int    `json:"in_days"`
	Days   int    `json:"days"`
}

// Request is a professional asking for the patient to be discussed.
type Request struct {
	By       string `json:"by"`
	Urgency  string `json:"urgency"` // routine, soon, urgent
	Question string `json:"question"`
	InDays   int    `json:"in_days"` // when it was made
}

// Deferral is a meeting at which the patient was not reached.
type Deferral struct {
	InDays int    `json:"in_days"`
	Reason string `json:"reason"`
}

// Case is what an RCP needs beside the plan. Kind is "discussed", or
// "standard" with the référentiel that covers it.
type Case struct {
	Kind        string       `json:"kind"`
	Summary     string       `json:"summary"`
	Question    string       `json:"question"`
	Referential *Referential `json:"referential,omitempty"`
}

// Referential is a named guideline. Date is YYYY-MM-DD.
type Referential struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	Date    string `json:"date"`
}
