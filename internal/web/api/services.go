package api

import (
	"context"

	"github.com/rcp-care/rcp/agenda"
	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/audit"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
	"github.com/rcp-care/rcp/minutes"
	"github.com/rcp-care/rcp/notify"
)

// Auth is what the API needs of auth.Service.
type Auth interface {
	Bearer(ctx context.Context, token, origin string) (auth.Actor, error)
	Confirm(ctx context.Context, a auth.Actor, password string) error
}

// Patients is what the API needs of careplan.Service.
type Patients interface {
	File(ctx context.Context, a auth.Actor, p id.Patient) (careplan.File, error)
	Search(ctx context.Context, a auth.Actor, text string, team id.Team, after string, limit int) ([]careplan.Summary, string, error)
	Import(ctx context.Context, a auth.Actor, t careplan.Target, batches ...careplan.Batch) (careplan.Report, error)
}

// Meetings is what the API needs of meetings.Service.
type Meetings interface {
	Org(ctx context.Context, a auth.Actor) (auth.Org, error)
	Teams(ctx context.Context, a auth.Actor) ([]meetings.Team, error)
	Team(ctx context.Context, a auth.Actor, t id.Team) (meetings.Team, error)
	SaveTeam(ctx context.Context, a auth.Actor, t meetings.Team) (meetings.Team, error)
	Series(ctx context.Context, a auth.Actor, team id.Team) ([]meetings.Series, error)
	SaveSeries(ctx context.Context, a auth.Actor, s id.Series, version int, e meetings.SeriesEdit) (meetings.Series, error)
	List(ctx context.Context, a auth.Actor, f meetings.Filter) ([]meetings.Meeting, string, error)
	Get(ctx context.Context, a auth.Actor, m id.Meeting) (meetings.Full, error)
	Open(ctx context.Context, a auth.Actor, m id.Meeting, version int) (meetings.Meeting, error)
	Close(ctx context.Context, a auth.Actor, m id.Meeting, version int) (meetings.Meeting, error)
	Start(ctx context.Context, a auth.Actor, m id.Meeting, version int) (meetings.Meeting, error)
	End(ctx context.Context, a auth.Actor, m id.Meeting, version int) (meetings.Meeting, error)
	Cancel(ctx context.Context, a auth.Actor, m id.Meeting, version int, reason string) (meetings.Meeting, error)
	Move(ctx context.Context, a auth.Actor, m id.Meeting, version int, to meetings.Move) (meetings.Meeting, error)
	SetAttendance(ctx context.Context, a auth.Actor, m id.Meeting, edits []meetings.AttendanceEdit) ([]meetings.Attendance, error)
}

// Agenda is what the API needs of agenda.Service.
type Agenda interface {
	Get(ctx context.Context, a auth.Actor, m id.Meeting) (agenda.Agenda, error)
	Draft(ctx context.Context, a auth.Actor, m id.Meeting) (agenda.Agenda, error)
	Order(ctx context.Context, a auth.Actor, m id.Meeting, cases []id.Case) (agenda.Agenda, error)
	Defer(ctx context.Context, a auth.Actor, c id.Case, why string) (agenda.Item, error)
	Requests(ctx context.Context, a auth.Actor, status []agenda.RequestStatus, after string, limit int) ([]agenda.Request, string, error)
	Ask(ctx context.Context, a auth.Actor, in agenda.Asked) (agenda.Request, error)
}

// Minutes is what the API needs of minutes.Service.
type Minutes interface {
	Decision(ctx context.Context, a auth.Actor, c id.Case) (minutes.Decision, error)
	Record(ctx context.Context, a auth.Actor, c id.Case, d minutes.Decision) (minutes.Decision, error)
	MaySign(ctx context.Context, a auth.Actor, m id.Meeting) error
	Sign(ctx context.Context, a auth.Actor, m id.Meeting, version int) (minutes.Minutes, error)
	Review(ctx context.Context, a auth.Actor, m id.Meeting) (minutes.Review, error)
	DecisionsOf(ctx context.Context, a auth.Actor, p id.Patient) ([]minutes.PastDecision, error)
	OfMeeting(ctx context.Context, a auth.Actor, m id.Meeting) ([]minutes.Minutes, error)
	PDF(ctx context.Context, a auth.Actor, m id.Meeting, version int, kind minutes.DocumentKind, p id.Patient) ([]byte, string, error)
}

// Outbox is what the API needs of notify.Service.
type Outbox interface {
	List(ctx context.Context, a auth.Actor, status notify.Status, after string, limit int) ([]notify.Message, string, error)
}

// AuditLog is what the API needs of auth.Log.
type AuditLog interface {
	Entries(ctx context.Context, a auth.Actor, f audit.Filter) ([]audit.Entry, error)
}
