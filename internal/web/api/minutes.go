package api

import (
	"context"
	"mime"
	"time"

	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/minutes"
)

// Decision is what was decided for one case.
type Decision struct {
	Case       id.Case           `json:"case"`
	Meeting    id.Meeting        `json:"meeting"`
	Patient    id.Patient        `json:"patient"`
	Plan       id.Plan           `json:"plan,omitempty"`
	Objectives []objectiveResult `json:"objectives" nullable:"false"`
	Summary    string            `json:"summary" doc:"What changes."`
	Options    string            `json:"options,omitempty"`
	Wishes     string            `json:"wishes,omitempty"`
	Dissent    string            `json:"dissent,omitempty"`
	Actions    []decidedAction   `json:"actions" nullable:"false"`
	NextReview date.Date         `json:"next_review,omitzero" format:"date"`
	Informer   string            `json:"informer,omitempty" doc:"Who tells the patient."`
	InformBy   date.Date         `json:"inform_by,omitzero" format:"date"`
	Quorum     quorum            `json:"quorum" doc:"At the moment of recording."`
	ByName     string            `json:"by,omitempty"`
	At         time.Time         `json:"at,omitzero"`
	Version    int               `json:"version"`
}

// objectiveResult is a verdict on an objective, or a new objective.
type objectiveResult struct {
	Objective id.Objective    `json:"objective,omitempty" doc:"Left out: a new objective."`
	Title     string          `json:"title,omitempty" maxLength:"500"`
	Expected  string          `json:"expected,omitempty" maxLength:"2000"`
	Due       date.Date       `json:"due,omitzero" format:"date"`
	Owner     string          `json:"owner,omitempty" maxLength:"200"`
	Verdict   minutes.Verdict `json:"verdict,omitempty" enum:"achieved,progress,stable,setback,abandoned,new"`
	Comment   string          `json:"comment,omitempty" maxLength:"2000"`
}

// decidedAction is who does what by when.
type decidedAction struct {
	ID        id.Action       `json:"id,omitempty"`
	Objective id.Objective    `json:"objective,omitempty"`
	Title     string          `json:"title" maxLength:"500"`
	Owner     id.Professional `json:"owner,omitempty"`
	OwnerName string          `json:"owner_name,omitempty" maxLength:"200"`
	Due       date.Date       `json:"due,omitzero" format:"date"`
}

func decisionOf(d minutes.Decision) Decision {
	return Decision{
		Case: d.Case, Meeting: d.Meeting, Patient: d.Patient, Plan: d.Plan, Summary: d.Summary, Options: d.Options, Wishes: d.Wishes,
		Dissent: d.Dissent, NextReview: d.NextReview, Informer: d.Informer, InformBy: d.InformBy, Quorum: quorumOf(d.Quorum),
		ByName: d.ByName, At: d.At, Version: d.Version,
		Objectives: each(d.Objectives, func(o minutes.ObjectiveResult) objectiveResult { return objectiveResult(o) }),
		Actions:    each(d.Actions, func(a minutes.NewAction) decidedAction { return decidedAction(a) }),
	}
}

// pastDecision is a decision of signed minutes.
type pastDecision struct {
	Decision
	MeetingAt time.Time  `json:"meeting_at"`
	TeamName  string     `json:"team_name"`
	Minutes   id.Minutes `json:"minutes"`
	SignedAt  time.Time  `json:"signed_at"`
}

func pastDecisionOf(d minutes.PastDecision) pastDecision {
	return pastDecision{decisionOf(d.Decision), d.MeetingAt.UTC(), d.TeamName, d.Minutes, d.SignedAt.UTC()}
}

type decisionInput struct {
	OneID
	Body struct {
		Versioned
		Objectives []objectiveResult `json:"objectives,omitempty" nullable:"false" maxItems:"100"`
		Summary    string            `json:"summary" maxLength:"10000" doc:"What changes."`
		Options    string            `json:"options,omitempty" maxLength:"10000"`
		Wishes     string            `json:"wishes,omitempty" maxLength:"10000" doc:"What the patient wishes."`
		Dissent    string            `json:"dissent,omitempty" maxLength:"10000"`
		Actions    []decidedAction   `json:"actions,omitempty" nullable:"false" maxItems:"100"`
		NextReview date.Date         `json:"next_review,omitzero" format:"date"`
		Informer   string            `json:"informer,omitempty" maxLength:"200"`
		InformBy   date.Date         `json:"inform_by,omitzero" format:"date"`
	}
}

func (in *decisionInput) decision(c id.Case) minutes.Decision {
	b := in.Body
	return minutes.Decision{
		Case: c, Summary: b.Summary, Options: b.Options, Wishes: b.Wishes, Dissent: b.Dissent, NextReview: b.NextReview,
		Informer: b.Informer, InformBy: b.InformBy, Version: b.Version,
		Objectives: each(b.Objectives, func(o objectiveResult) minutes.ObjectiveResult { return minutes.ObjectiveResult(o) }),
		Actions:    each(b.Actions, func(a decidedAction) minutes.NewAction { return minutes.NewAction(a) }),
	}
}

func (s *server) minutesRoutes() {
	add(s, post("/cases/{id}/decisions", "record-decision", "Record what was decided for a case"), s.recordDecision)
	add(s, post("/meetings/{id}/sign", "sign-minutes", "Sign the minutes; the password is asked again"), s.sign)
	add(s, get("/meetings/{id}/minutes.json", "read-minutes", "The minutes: content and signature"), s.readMinutes)
	addFile(s, get("/meetings/{id}/minutes.pdf", "print-minutes", "The register, or one patient's extract"),
		"application/pdf", s.printMinutes)
}

// recordDecision saves over the version that the client saw, or the current.
func (s *server) recordDecision(ctx context.Context, c caller, in *decisionInput) (Decision, error) {
	one, err := idOf[id.Case](in.ID)
	if err != nil {
		return Decision{}, err
	}
	d := in.decision(one)
	if d.Version == 0 {
		was, err := s.cfg.Minutes.Decision(ctx, c.Actor, one)
		if err != nil {
			return Decision{}, err
		}
		d.Version = was.Version
	}
	done, err := s.cfg.Minutes.Record(ctx, c.Actor, one, d)
	return decisionOf(done), err
}

type signInput struct {
	OneID
	Body struct {
		Versioned
		Password string `json:"password" minLength:"1" maxLength:"500" doc:"The caller's own, again."`
	}
}

func (s *server) sign(ctx context.Context, c caller, in *signInput) (minutesOut, error) {
	m, version, err := s.seen(ctx, c, in.ID, in.Body.Version)
	if err != nil {
		return minutesOut{}, err
	}
	if err := s.cfg.Minutes.MaySign(ctx, c.Actor, m); err != nil {
		return minutesOut{}, err
	}
	if err := s.cfg.Auth.Confirm(ctx, c.Actor, in.Body.Password); err != nil {
		return minutesOut{}, err
	}
	done, err := s.cfg.Minutes.Sign(ctx, c.Actor, m, version)
	return minutesOf(done), err
}

// minutesOut is one version of a meeting's minutes.
type minutesOut struct {
	ID       id.Minutes      `json:"id,omitempty" doc:"Left out while it is a draft."`
	Meeting  id.Meeting      `json:"meeting"`
	Team     id.Team         `json:"team"`
	Signed   bool            `json:"signed"`
	Version  int             `json:"version"`
	Seq      int             `json:"seq,omitempty" doc:"Place in the team's chain, from 1."`
	SHA256   string          `json:"sha256,omitempty" doc:"Of the whole content in JSON, as signed."`
	Previous string          `json:"previous,omitempty" doc:"SHA-256 of the team's minutes before."`
	Replaces id.Minutes      `json:"replaces,omitempty"`
	Reason   string          `json:"reason,omitempty" doc:"Of a correction."`
	Signer   string          `json:"signer,omitempty"`
	SignedAt time.Time       `json:"signed_at,omitzero"`
	Content  minutes.Content `json:"content" doc:"What is frozen and hashed: for a clinician, the sheets of their own patients."`
}

func minutesOf(m minutes.Minutes) minutesOut {
	return minutesOut{
		ID: m.ID, Meeting: m.Meeting, Team: m.Team, Signed: true, Version: m.Version, Seq: m.Seq, SHA256: m.SHA256, Previous: m.Previous,
		Replaces: m.Replaces, Reason: m.Reason, Signer: m.Signer, SignedAt: m.SignedAt.UTC(), Content: m.Content,
	}
}

// MinutesQuery asks for a version of a meeting's minutes.
type MinutesQuery struct {
	OneID
	Version int `query:"version" minimum:"1" doc:"A signed version. Default: the latest, or the draft."`
}

func (s *server) readMinutes(ctx context.Context, c caller, in *MinutesQuery) (minutesOut, error) {
	m, err := idOf[id.Meeting](in.ID)
	if err != nil {
		return minutesOut{}, err
	}
	all, err := s.cfg.Minutes.OfMeeting(ctx, c.Actor, m)
	if err != nil {
		return minutesOut{}, err
	}
	if len(all) == 0 && in.Version == 0 {
		r, err := s.cfg.Minutes.Review(ctx, c.Actor, m)
		return minutesOut{Meeting: m, Team: r.Content.TeamID, Content: r.Content}, err
	}
	for _, one := range all { // newest first
		if in.Version == 0 || one.Version == in.Version {
			return minutesOf(one), nil
		}
	}
	return minutesOut{}, fault.New(fault.NotFound, "api.readMinutes", "")
}

type printQuery struct {
	MinutesQuery
	Patient string `query:"patient" maxLength:"40" doc:"Whose extract. Default: the whole register."`
}

func (s *server) printMinutes(ctx context.Context, c caller, in *printQuery) (*file, error) {
	m, err := idOf[id.Meeting](in.ID)
	if err != nil {
		return nil, err
	}
	kind := minutes.Register
	patient, err := optionalID[id.Patient]("patient", in.Patient)
	if err != nil {
		return nil, err
	}
	if patient != "" {
		kind = minutes.Extract
	}
	pdf, name, err := s.cfg.Minutes.PDF(ctx, c.Actor, m, in.Version, kind, patient)
	return &file{
		Type: "application/pdf", Disposition: mime.FormatMediaType("inline", map[string]string{"filename": name}), Body: pdf,
	}, err
}
