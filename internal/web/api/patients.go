package api

import (
	"bytes"
	"context"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/careplan/fhir"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/lang"
	"github.com/rcp-care/rcp/minutes"
)

// Patient is a patient's identity and agreement.
type Patient struct {
	ID          id.Patient              `json:"id"`
	Name        string                  `json:"name" doc:"Birth name in capitals, then the first birth given name."`
	IPP         string                  `json:"ipp,omitempty" doc:"Local identifier."`
	INS         string                  `json:"ins,omitempty" doc:"Matricule and key, of a qualified identity only."`
	INSOID      string                  `json:"ins_oid,omitempty"`
	Identity    careplan.IdentityStatus `json:"identity_status" enum:"PROV,VALI,RECUP,QUAL"`
	BirthFamily string                  `json:"birth_family"`
	BirthGiven  string                  `json:"birth_given"`
	BirthNames  string                  `json:"birth_names,omitempty"`
	UsedFamily  string                  `json:"used_family,omitempty"`
	UsedGiven   string                  `json:"used_given,omitempty"`
	Sex         careplan.Sex            `json:"sex" enum:"female,male,other,unknown"`
	BirthDate   date.Date               `json:"birth_date,omitzero" format:"date"`
	BirthPlace  string                  `json:"birth_place,omitempty" doc:"INSEE code."`
	Deceased    bool                    `json:"deceased"`
	DeceasedOn  date.Date               `json:"deceased_on,omitzero" format:"date"`
	Sharing     careplan.Sharing        `json:"sharing" enum:"unknown,agreed,opposed"`
	SharingOn   date.Date               `json:"sharing_on,omitzero" format:"date"`
	Informed    bool                    `json:"informed"`
	Version     int                     `json:"version"`
}

func patientOf(p careplan.Patient) Patient {
	out := Patient{
		ID: p.ID, Name: p.Name(), IPP: p.IPP, Identity: p.Identity, BirthFamily: p.BirthFamily, BirthGiven: p.BirthGiven,
		BirthNames: p.BirthNames, UsedFamily: p.UsedFamily, UsedGiven: p.UsedGiven, Sex: p.Sex, BirthDate: p.BirthDate,
		BirthPlace: p.BirthPlace, Deceased: p.Deceased, DeceasedOn: p.DeceasedOn, Sharing: p.Sharing, SharingOn: p.SharingOn,
		Informed: p.Informed, Version: p.Version,
	}
	if p.Identity == careplan.Qualified && p.INS.KeyValid {
		out.INS, out.INSOID = p.INS.Matricule, p.INS.OID
	}
	return out
}

// listedPatient is a patient in a list.
type listedPatient struct {
	Patient
	Plan       id.Plan   `json:"plan,omitempty" doc:"The active one."`
	Team       id.Team   `json:"team,omitempty"`
	Referent   string    `json:"referent,omitempty"`
	NextReview date.Date `json:"next_review,omitzero" format:"date"`
}

func summaryOf(s careplan.Summary) listedPatient {
	return listedPatient{patientOf(s.Patient), s.Plan, s.Team, s.Referent, s.NextReview}
}

// patientFile is everything of one patient.
type patientFile struct {
	Patient
	Plans      []plan         `json:"plans" nullable:"false"`
	Objectives []objective    `json:"objectives" nullable:"false"`
	Actions    []action       `json:"actions" nullable:"false"`
	Decisions  []pastDecision `json:"decisions" nullable:"false" doc:"Of signed minutes, newest first."`
	Circle     []circleMember `json:"circle" nullable:"false"`
	Events     []patientEvent `json:"events" nullable:"false"`
}

type plan struct {
	ID             id.Plan             `json:"id"`
	Team           id.Team             `json:"team,omitempty"`
	Title          string              `json:"title"`
	Description    string              `json:"description,omitempty"`
	Category       string              `json:"category,omitempty"`
	Status         careplan.PlanStatus `json:"status"`
	Start          date.Date           `json:"start,omitzero" format:"date"`
	End            date.Date           `json:"end,omitzero" format:"date"`
	Referent       id.Professional     `json:"referent,omitempty"`
	ReferentName   string              `json:"referent_name,omitempty"`
	ReviewInterval int                 `json:"review_interval" doc:"Days; 0: the team's."`
	LastReview     date.Date           `json:"last_review,omitzero" format:"date"`
	NextReview     date.Date           `json:"next_review,omitzero" format:"date"`
	Expectations   []expectation       `json:"expectations" nullable:"false"`
	Version        int                 `json:"version"`
}

type expectation struct {
	ID     string    `json:"id"`
	Text   string    `json:"text"`
	Origin string    `json:"origin,omitempty"`
	On     date.Date `json:"on,omitzero" format:"date"`
	By     string    `json:"by,omitempty"`
}

func planOf(p careplan.Plan) plan {
	return plan{
		ID: p.ID, Team: p.Team, Title: p.Title, Description: p.Description, Category: p.Category, Status: p.Status, Start: p.Start,
		End: p.End, Referent: p.Referent, ReferentName: p.ReferentName, ReviewInterval: p.ReviewInterval, LastReview: p.LastReview,
		NextReview: p.NextReview, Version: p.Version,
		Expectations: each(p.Expectations, func(e careplan.Expectation) expectation {
			return expectation{e.ID, e.Text, e.Origin, e.On, e.By}
		}),
	}
}

type objective struct {
	ID            id.Objective         `json:"id"`
	Plan          id.Plan              `json:"plan"`
	Title         string               `json:"title"`
	Description   string               `json:"description,omitempty"`
	Domain        string               `json:"domain,omitempty"`
	Expected      string               `json:"expected,omitempty"`
	Start         date.Date            `json:"start,omitzero" format:"date"`
	Due           date.Date            `json:"due,omitzero" format:"date"`
	Owner         id.Professional      `json:"owner,omitempty"`
	OwnerName     string               `json:"owner_name,omitempty"`
	Lifecycle     careplan.Lifecycle   `json:"lifecycle"`
	Achievement   careplan.Achievement `json:"achievement,omitempty"`
	AchievementOn date.Date            `json:"achievement_on,omitzero" format:"date"`
	PatientView   string               `json:"patient_view,omitempty"`
	Strategy      string               `json:"strategy,omitempty"`
	Version       int                  `json:"version"`
}

func objectiveOf(o careplan.Objective) objective {
	return objective{
		ID: o.ID, Plan: o.Plan, Title: o.Title, Description: o.Description, Domain: o.Domain, Expected: o.Expected, Start: o.Start,
		Due: o.Due, Owner: o.Owner, OwnerName: o.OwnerName, Lifecycle: o.Lifecycle, Achievement: o.Achievement,
		AchievementOn: o.AchievementOn, PatientView: o.PatientView, Strategy: o.Strategy, Version: o.Version,
	}
}

type action struct {
	ID          id.Action             `json:"id"`
	Plan        id.Plan               `json:"plan"`
	Objective   id.Objective          `json:"objective,omitempty"`
	Title       string                `json:"title"`
	Description string                `json:"description,omitempty"`
	Owner       id.Professional       `json:"owner,omitempty"`
	OwnerName   string                `json:"owner_name,omitempty"`
	Status      careplan.ActionStatus `json:"status"`
	Outcome     string                `json:"outcome,omitempty"`
	Reason      string                `json:"reason,omitempty"`
	Start       date.Date             `json:"start,omitzero" format:"date"`
	Due         date.Date             `json:"due,omitzero" format:"date"`
	DoneOn      date.Date             `json:"done_on,omitzero" format:"date"`
	Case        id.Case               `json:"case,omitempty" doc:"Of the decision it comes from."`
	Version     int                   `json:"version"`
}

func actionOf(a careplan.Action) action {
	return action{
		ID: a.ID, Plan: a.Plan, Objective: a.Objective, Title: a.Title, Description: a.Description, Owner: a.Owner, OwnerName: a.OwnerName,
		Status: a.Status, Outcome: a.Outcome, Reason: a.Reason, Start: a.Start, Due: a.Due, DoneOn: a.DoneOn, Case: a.Case,
		Version: a.Version,
	}
}

type circleMember struct {
	Professional id.Professional `json:"professional"`
	Role         string          `json:"role"`
	From         date.Date       `json:"from,omitzero" format:"date"`
	Until        date.Date       `json:"until,omitzero" format:"date"`
}

type patientEvent struct {
	ID   string             `json:"id"`
	Kind careplan.EventKind `json:"kind"`
	On   date.Date          `json:"on" format:"date"`
	Text string             `json:"text,omitempty"`
}

func fileOf(f careplan.File, ds []minutes.PastDecision) patientFile {
	return patientFile{
		Patient: patientOf(f.Patient), Plans: each(f.Plans, planOf), Objectives: each(f.Objectives, objectiveOf),
		Actions: each(f.Actions, actionOf), Decisions: each(ds, pastDecisionOf),
		Circle: each(f.Circle, func(m careplan.CircleMember) circleMember {
			return circleMember{m.Professional, m.Role, m.From, m.Until}
		}),
		Events: each(f.Events, func(e careplan.PatientEvent) patientEvent { return patientEvent{e.ID, e.Kind, e.On, e.Text} }),
	}
}

func (s *server) patientRoutes() {
	add(s, get("/patients", "search-patients", "Patients whom the caller may see"), s.searchPatients)
	add(s, get("/patients/{id}", "read-patient", "A patient with plans, objectives, actions and decisions"), s.readPatient)
	add(s, importOperation(), s.importFHIR)
}

type patientsQuery struct {
	Paging
	Q    string `query:"q" maxLength:"200" doc:"Name (accents and case apart), birth date or local identifier."`
	Team string `query:"team" maxLength:"40"`
}

func (s *server) searchPatients(ctx context.Context, c caller, in *patientsQuery) (page[listedPatient], error) {
	team, err := optionalID[id.Team]("team", in.Team)
	if err != nil {
		return page[listedPatient]{}, err
	}
	found, next, err := s.cfg.Patients.Search(ctx, c.Actor, in.Q, team, in.Cursor, in.Limit)
	return listed(found, next, summaryOf), err
}

func (s *server) readPatient(ctx context.Context, c caller, in *OneID) (patientFile, error) {
	p, err := idOf[id.Patient](in.ID)
	if err != nil {
		return patientFile{}, err
	}
	f, err := s.cfg.Patients.File(ctx, c.Actor, p)
	if err != nil {
		return patientFile{}, err
	}
	ds, err := s.cfg.Minutes.DecisionsOf(ctx, c.Actor, p)
	return fileOf(f, ds), err
}

// The largest import, and how long its sending may take.
const (
	maxImport  = 64 << 20
	importTime = 10 * time.Minute
)

// importOperation describes an upload of FHIR: JSON, or the same in gzip.
func importOperation() huma.Operation {
	op := post("/import/fhir", "import-fhir", "Bring in care plans: a FHIR R4 bundle or resource, in JSON or gzip of it")
	binary := &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}
	op.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{
		"application/fhir+json": binary, "application/json": binary, "application/gzip": binary,
	}}
	op.MaxBodyBytes, op.BodyReadTimeout, op.SkipValidateBody = maxImport+1, importTime, true
	return op
}

type importInput struct {
	Team    string `query:"team" maxLength:"40" doc:"The team that follows the plans new to RCP."`
	RawBody []byte `contentType:"application/fhir+json"`
}

// importReport is what an import did.
type importReport struct {
	Counts  map[string]map[careplan.Result]int `json:"counts" doc:"By kind of thing and result."`
	Lines   []importLine                       `json:"lines" nullable:"false" doc:"What was refused or warned of, in input order."`
	Ignored map[string]int                     `json:"ignored" doc:"Resource types read past."`
}

// importLine says what was refused and where, without patient data.
type importLine struct {
	Result careplan.Result `json:"result"`
	Entry  int             `json:"entry" doc:"From 0; -1: the whole input."`
	Type   string          `json:"type,omitempty"`
	Reason string          `json:"reason"`
}

// importName stands for the file in the report: a body has no name.
const importName = "api"

func (s *server) importFHIR(ctx context.Context, c caller, in *importInput) (importReport, error) {
	team, err := optionalID[id.Team]("team", in.Team)
	if err != nil {
		return importReport{}, err
	}
	batch, err := fhir.Read(bytes.NewReader(in.RawBody), importName, fhir.Limits{})
	if err != nil {
		return importReport{}, err
	}
	r, err := s.cfg.Patients.Import(ctx, c.Actor, careplan.Target{Org: c.Org, Team: team}, batch)
	return reportOf(c.lang, r), err
}

func reportOf(l string, r careplan.Report) importReport {
	out := importReport{Counts: r.Counts, Ignored: r.Ignored, Lines: each(r.Lines, func(i careplan.Line) importLine {
		return importLine{i.Result, i.Place.Entry, i.Place.Type, lang.T(l, i.Reason, i.Args...)}
	})}
	if out.Counts == nil {
		out.Counts = map[string]map[careplan.Result]int{}
	}
	if out.Ignored == nil {
		out.Ignored = map[string]int{}
	}
	return out
}
