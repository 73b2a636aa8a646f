package web

import (
	"context"

	"github.com/rcp-care/rcp/agenda"
	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
)

// Auth is what the pages need of auth.Service.
type Auth interface {
	SignIn(ctx context.Context, email, password, origin string) (token string, a auth.Actor, err error)
	Session(ctx context.Context, token, origin string) (auth.Actor, error)
	SignOut(ctx context.Context, token string) error
	Confirm(ctx context.Context, a auth.Actor, password string) error
	SetLang(ctx context.Context, a auth.Actor, lang string) error
}

// Patients is what the pages need of careplan.Service.
type Patients interface {
	File(ctx context.Context, a auth.Actor, p id.Patient) (careplan.File, error)
	Search(ctx context.Context, a auth.Actor, text string, team id.Team, after string, limit int) ([]careplan.Summary, string, error)
}

// Meetings is what the pages need of meetings.Service.
type Meetings interface {
	Teams(ctx context.Context, a auth.Actor) ([]meetings.Team, error)
	Team(ctx context.Context, a auth.Actor, t id.Team) (meetings.Team, error)
	List(ctx context.Context, a auth.Actor, f meetings.Filter) ([]meetings.Meeting, string, error)
	Get(ctx context.Context, a auth.Actor, m id.Meeting) (meetings.Full, error)
	Create(ctx context.Context, a auth.Actor, t id.Team, at meetings.Move) (meetings.Meeting, error)
	Open(ctx context.Context, a auth.Actor, m id.Meeting, version int) (meetings.Meeting, error)
	Close(ctx context.Context, a auth.Actor, m id.Meeting, version int) (meetings.Meeting, error)
	Start(ctx context.Context, a auth.Actor, m id.Meeting, version int) (meetings.Meeting, error)
	End(ctx context.Context, a auth.Actor, m id.Meeting, version int) (meetings.Meeting, error)
	Move(ctx context.Context, a auth.Actor, m id.Meeting, version int, to meetings.Move) (meetings.Meeting, error)
	Cancel(ctx context.Context, a auth.Actor, m id.Meeting, version int, reason string) (meetings.Meeting, error)
}

// Agenda is what the pages need of agenda.Service.
type Agenda interface {
	Get(ctx context.Context, a auth.Actor, m id.Meeting) (agenda.Agenda, error)
	Draft(ctx context.Context, a auth.Actor, m id.Meeting) (agenda.Agenda, error)
	Order(ctx context.Context, a auth.Actor, m id.Meeting, cases []id.Case) (agenda.Agenda, error)
	Add(ctx context.Context, a auth.Actor, m id.Meeting, p id.Patient, question string, minutes int) (agenda.Agenda, error)
	Withdraw(ctx context.Context, a auth.Actor, c id.Case, reason string) error
	Restore(ctx context.Context, a auth.Actor, c id.Case) error
	Pin(ctx context.Context, a auth.Actor, c id.Case, pinned bool) error
	SetMinutes(ctx context.Context, a auth.Actor, c id.Case, minutes int) error
	Defer(ctx context.Context, a auth.Actor, c id.Case, why string) (agenda.Item, error)
	Undefer(ctx context.Context, a auth.Actor, c id.Case) (agenda.Item, error)
	Case(ctx context.Context, a auth.Actor, c id.Case) (agenda.Item, error)
	Requests(ctx context.Context, a auth.Actor, status []agenda.RequestStatus, after string, limit int) ([]agenda.Request, string, error)
	Ask(ctx context.Context, a auth.Actor, t id.Team, p id.Patient, question string, u agenda.Urgency) (agenda.Request, error)
	WithdrawRequest(ctx context.Context, a auth.Actor, r id.Request, version int) error
}

// Minutes is what the pages need of minutes.Service.
type Minutes interface{}

// Outbox is what the pages need of notify.Service.
type Outbox interface{}
