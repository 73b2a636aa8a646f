package web

import (
	"context"
	"io"
	"time"

	"github.com/rcp-care/rcp/agenda"
	"github.com/rcp-care/rcp/agenda/papers"
	"github.com/rcp-care/rcp/agenda/preparation"
	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/careplan/protocol"
	"github.com/rcp-care/rcp/internal/audit"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/event"
	"github.com/rcp-care/rcp/internal/handover"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/link"
	"github.com/rcp-care/rcp/internal/live"
	"github.com/rcp-care/rcp/meetings"
	"github.com/rcp-care/rcp/minutes"
	"github.com/rcp-care/rcp/notify"
	"github.com/rcp-care/rcp/notify/inbox"
)

// Auth is what the pages need of auth.Service.
type Auth interface {
	SignIn(ctx context.Context, email, password, origin string) (token string, a auth.Actor, err error)
	Session(ctx context.Context, token, origin string) (auth.Actor, error)
	Holder(ctx context.Context, token, origin string) (auth.Actor, error)
	SignOut(ctx context.Context, a auth.Actor, token string) error
	Confirm(ctx context.Context, a auth.Actor, password string) error
	Refuse(ctx context.Context, a auth.Actor, object, which string) error
	SetLang(ctx context.Context, a auth.Actor, lang string) error
	NewToken(ctx context.Context, a auth.Actor, p id.Professional, name string) (string, error)
	Tokens(ctx context.Context, a auth.Actor) ([]auth.Token, error)
	RevokeToken(ctx context.Context, a auth.Actor, hash string) error
	NewCalendarLink(ctx context.Context, a auth.Actor, name string) (secret string, err error)
	CalendarLinks(ctx context.Context, a auth.Actor) ([]auth.CalendarLink, error)
	RevokeCalendarLink(ctx context.Context, a auth.Actor, hash string) error
	Login(ctx context.Context, a auth.Actor) (string, error)
	ChangePassword(ctx context.Context, a auth.Actor, token, old, password string) error
	Accounts(ctx context.Context, a auth.Actor) ([]auth.Access, error)
	GiveAccess(ctx context.Context, a auth.Actor, p id.Professional, email, password string) (made string, err error)
	SetPassword(ctx context.Context, a auth.Actor, p id.Professional, password string) (made string, err error)
	Disable(ctx context.Context, a auth.Actor, p id.Professional) error
	Enable(ctx context.Context, a auth.Actor, p id.Professional) error
	SetAdmin(ctx context.Context, a auth.Actor, p id.Professional, admin bool) error
}

// Journal is what the pages need of auth.Log.
type Journal interface {
	Entries(ctx context.Context, a auth.Actor, f audit.Filter) ([]audit.Entry, error)
	OfPatient(ctx context.Context, a auth.Actor, p id.Patient, since time.Time, limit int) ([]audit.Entry, error)
	Verify(ctx context.Context, a auth.Actor) (bad int64, err error)
}

// Patients is what the pages need of careplan.Service.
type Patients interface {
	File(ctx context.Context, a auth.Actor, p id.Patient) (careplan.File, error)
	Search(ctx context.Context, a auth.Actor, text string, team id.Team, after string, limit int) ([]careplan.Summary, string, error)
	FollowUp(ctx context.Context, a auth.Actor) (careplan.FollowUp, error)
	TeamFollowUp(ctx context.Context, a auth.Actor, t id.Team) (careplan.FollowUp, error)
	Reminders(ctx context.Context, a auth.Actor, who []id.Professional) (map[id.Professional]careplan.Reminder, error)
	Remind(ctx context.Context, a auth.Actor, t id.Team, who id.Professional) error
	Tellings(ctx context.Context, a auth.Actor, p id.Patient) ([]careplan.Telling, error)
	Telling(ctx context.Context, a auth.Actor, c id.Case) (careplan.Telling, error)
	SetTold(ctx context.Context, a auth.Actor, c id.Case, ch careplan.ToldChange) (careplan.Telling, error)
	Digest(ctx context.Context, a auth.Actor) (bool, error)
	SetDigest(ctx context.Context, a auth.Actor, on bool) error
	OwnActions(ctx context.Context, a auth.Actor, until date.Date, limit int) ([]careplan.OwnAction, error)
	SetAction(ctx context.Context, a auth.Actor, action id.Action, c careplan.ActionChange) (careplan.Action, error)
	SetSharing(ctx context.Context, a auth.Actor, p id.Patient, c careplan.SharingChange) error
	AddEvent(ctx context.Context, a auth.Actor, e careplan.PatientEvent) (careplan.PatientEvent, error)
	AssignPlan(ctx context.Context, a auth.Actor, plan id.Plan, t id.Team, version int) error
	ActivatePlan(ctx context.Context, a auth.Actor, plan id.Plan, version int) error
	Followed(ctx context.Context, a auth.Actor, t id.Team) (bool, error)
	MakeFictional(ctx context.Context, a auth.Actor, t id.Team, circle []careplan.SourceProfessional) (careplan.Report, error)
	Import(ctx context.Context, a auth.Actor, t careplan.Target, batches ...careplan.Batch) (careplan.Report, error)
}

// Protocols is what the pages need of protocol.Service.
type Protocols interface {
	List(ctx context.Context, a auth.Actor, t id.Team) ([]protocol.Protocol, error)
	Read(ctx context.Context, a auth.Actor, p id.Protocol, version int) (protocol.Full, error)
	Adopt(ctx context.Context, a auth.Actor, t id.Team, key string) (protocol.Protocol, error)
	Save(ctx context.Context, a auth.Actor, p protocol.Protocol, what string) (protocol.Protocol, error)
	Archive(ctx context.Context, a auth.Actor, p id.Protocol, archived bool) error
	Team(ctx context.Context, a auth.Actor, t id.Team) ([]protocol.Member, error)
	Candidate(ctx context.Context, a auth.Actor, t id.Team, p id.Patient) (protocol.Candidate, error)
	Apply(ctx context.Context, a auth.Actor, app protocol.Application) (careplan.Plan, error)
	Check(ctx context.Context, a auth.Actor, c id.Case, line string, done bool) error
}

// Meetings is what the pages need of meetings.Service.
type Meetings interface {
	Teams(ctx context.Context, a auth.Actor) ([]meetings.Team, error)
	Team(ctx context.Context, a auth.Actor, t id.Team) (meetings.Team, error)
	Training(ctx context.Context, org id.Org, ids ...string) (bool, error)
	List(ctx context.Context, a auth.Actor, f meetings.Filter) ([]meetings.Meeting, string, error)
	Get(ctx context.Context, a auth.Actor, m id.Meeting) (meetings.Full, error)
	Create(ctx context.Context, a auth.Actor, t id.Team, in id.Series, at meetings.Move) (meetings.Meeting, error)
	Open(ctx context.Context, a auth.Actor, m id.Meeting, version int) (meetings.Meeting, error)
	Close(ctx context.Context, a auth.Actor, m id.Meeting, version int) (meetings.Meeting, error)
	Start(ctx context.Context, a auth.Actor, m id.Meeting, version int) (meetings.Meeting, error)
	End(ctx context.Context, a auth.Actor, m id.Meeting, version int) (meetings.Meeting, error)
	CreateOutline(ctx context.Context, a auth.Actor, t id.Team, in id.Series, at meetings.Move) (meetings.Outline, error)
	DateOutline(ctx context.Context, a auth.Actor, m id.Meeting, e meetings.DateEdit) (meetings.Outline, error)
	Move(ctx context.Context, a auth.Actor, m id.Meeting, version int, to meetings.Move) (meetings.Meeting, error)
	Cancel(ctx context.Context, a auth.Actor, m id.Meeting, version int, reason string) (meetings.Meeting, error)
	FeedbackAsked(ctx context.Context, a auth.Actor) ([]meetings.Meeting, error)
	MayFeedback(ctx context.Context, a auth.Actor, m id.Meeting) (meetings.Full, error)
	GiveFeedback(ctx context.Context, a auth.Actor, m id.Meeting, f meetings.Feedback) error
	FeedbackTrend(ctx context.Context, a auth.Actor, t id.Team) ([]meetings.Felt, error)
	Invitation(ctx context.Context, t link.Token) (meetings.Invitation, error)
	AnswerByLink(ctx context.Context, t link.Token, origin string, r meetings.LinkAnswer) error
	RevokeLinks(ctx context.Context, a auth.Actor, p id.Professional) error
	SetAttendance(ctx context.Context, a auth.Actor, m id.Meeting, edits []meetings.AttendanceEdit) ([]meetings.Attendance, error)
	Suggest(ctx context.Context, a auth.Actor, m id.Meeting, also ...string) (meetings.Suggestion, error)
	InviteGuest(ctx context.Context, a auth.Actor, m id.Meeting, who id.Professional) error
	UninviteGuest(ctx context.Context, a auth.Actor, m id.Meeting, who id.Professional) error
	Org(ctx context.Context, a auth.Actor) (auth.Org, error)
	Letterhead(ctx context.Context, a auth.Actor, t id.Team) (meetings.Letterhead, error)
	SaveLetterhead(ctx context.Context, a auth.Actor, t id.Team, version int, lines []string) error
	SetLogo(ctx context.Context, a auth.Actor, t id.Team, version int, r io.Reader) error
	UseLogo(ctx context.Context, a auth.Actor, t id.Team, version int, sha string) error
	Logo(ctx context.Context, a auth.Actor, t id.Team) ([]byte, error)
	SaveTeam(ctx context.Context, a auth.Actor, t meetings.Team) (meetings.Team, error)
	Professionals(ctx context.Context, a auth.Actor) ([]auth.Professional, error)
	SaveProfessional(ctx context.Context, a auth.Actor, p auth.Professional) (auth.Professional, error)
	Series(ctx context.Context, a auth.Actor, t id.Team) ([]meetings.Series, error)
	Dates(ctx context.Context, a auth.Actor, s id.Series) (meetings.Series, []meetings.Meeting, error)
	SeriesOutline(ctx context.Context, a auth.Actor, s id.Series, version int, e meetings.SeriesEdit) (meetings.Outline, error)
	Closures(ctx context.Context, a auth.Actor, t id.Team) ([]meetings.Closure, error)
	ClosuresOutline(ctx context.Context, a auth.Actor, t id.Team, all []meetings.Closure) (meetings.Outline, error)
	SaveClosures(ctx context.Context, a auth.Actor, t id.Team, all []meetings.Closure, anyway bool) error
	SaveSeries(ctx context.Context, a auth.Actor, s id.Series, version int, e meetings.SeriesEdit) (meetings.Series, error)
	MakeAhead(ctx context.Context, a auth.Actor, s id.Series, until date.Date) (meetings.Ahead, error)
}

// Agenda is what the pages need of agenda.Service.
type Agenda interface {
	Load(ctx context.Context, a auth.Actor, m id.Meeting) (agenda.Load, error)
	Outlook(ctx context.Context, a auth.Actor, g agenda.Agenda) (agenda.Outlook, error)
	CountWaiting(ctx context.Context, a auth.Actor, limit int) (int, error)
	Get(ctx context.Context, a auth.Actor, m id.Meeting) (agenda.Agenda, error)
	Draft(ctx context.Context, a auth.Actor, m id.Meeting) (agenda.Agenda, error)
	Order(ctx context.Context, a auth.Actor, m id.Meeting, cases []id.Case) (agenda.Agenda, error)
	Settings(ctx context.Context, a auth.Actor, t id.Team) (agenda.Settings, error)
	SaveSettings(ctx context.Context, a auth.Actor, t id.Team, v agenda.Settings) error
	Move(ctx context.Context, a auth.Actor, m id.Meeting, c id.Case, position int) (agenda.Agenda, error)
	Undo(ctx context.Context, a auth.Actor, m id.Meeting, seen id.Event) (agenda.Agenda, error)
	Add(ctx context.Context, a auth.Actor, m id.Meeting, p id.Patient, question string, minutes int) (agenda.Agenda, error)
	Withdraw(ctx context.Context, a auth.Actor, c id.Case, reason string) error
	Restore(ctx context.Context, a auth.Actor, c id.Case) error
	Pin(ctx context.Context, a auth.Actor, c id.Case, pinned bool) error
	SetMinutes(ctx context.Context, a auth.Actor, c id.Case, minutes int) error
	Defer(ctx context.Context, a auth.Actor, c id.Case, why string) (agenda.Item, error)
	Undefer(ctx context.Context, a auth.Actor, c id.Case) (agenda.Item, error)
	Case(ctx context.Context, a auth.Actor, c id.Case) (agenda.Item, error)
	Requests(ctx context.Context, a auth.Actor, status []agenda.RequestStatus, after string, limit int) ([]agenda.Request, string, error)
	Ask(ctx context.Context, a auth.Actor, in agenda.Asked) (agenda.Request, error)
	Request(ctx context.Context, a auth.Actor, r id.Request) (agenda.Request, error)
	RequestsAbout(ctx context.Context, a auth.Actor, m id.Meeting) (map[id.Patient][]agenda.Request, error)
	Queue(ctx context.Context, a auth.Actor, t id.Team) (agenda.Queue, error)
	OutsideLinks(ctx context.Context, a auth.Actor, t id.Team) ([]agenda.OutsideLink, error)
	NewOutsideLink(ctx context.Context, a auth.Actor, t id.Team, label string, days int) (agenda.OutsideLink, error)
	RevokeOutsideLink(ctx context.Context, a auth.Actor, l id.OutsideLink) error
	Door(ctx context.Context, t link.Token) (agenda.OutsideLink, error)
	AskOutside(ctx context.Context, t link.Token, origin, lang string, u agenda.Urgency, c agenda.OutsideContent) (agenda.Outside, error)
	Track(ctx context.Context, t link.Token) (agenda.Tracked, error)
	OutsideWaiting(ctx context.Context, a auth.Actor) ([]agenda.Outside, error)
	OutsideRequest(ctx context.Context, a auth.Actor, r id.Request) (agenda.Outside, []agenda.Proposal, error)
	Match(ctx context.Context, a auth.Actor, r id.Request, version int, p id.Patient) (agenda.Request, error)
	RefuseOutside(ctx context.Context, a auth.Actor, r id.Request, version int, why string) error
	WithdrawRequest(ctx context.Context, a auth.Actor, r id.Request, version int) error
	Begin(ctx context.Context, a auth.Actor, c id.Case) (agenda.Item, error)
	Finish(ctx context.Context, a auth.Actor, c id.Case) (agenda.Item, error)
	References(ctx context.Context, a auth.Actor, t id.Team) ([]agenda.Reference, error)
	AddReference(ctx context.Context, a auth.Actor, r agenda.Reference) (agenda.Reference, error)
	RetireReference(ctx context.Context, a auth.Actor, r id.Reference) error
	Register(ctx context.Context, a auth.Actor, c id.Case, under id.Reference, proposition string, review date.Date) (agenda.Item, error)
	PullBack(ctx context.Context, a auth.Actor, c id.Case, why string) (agenda.Item, error)
	Unpull(ctx context.Context, a auth.Actor, c id.Case) (agenda.Item, error)
	ReadOut(ctx context.Context, a auth.Actor, m id.Meeting) (agenda.Agenda, error)
}

// Preparation is what the pages need of preparation.Service.
type Preparation interface {
	Of(ctx context.Context, a auth.Actor, c id.Case) (preparation.Sheet, error)
	OfMeeting(ctx context.Context, a auth.Actor, g agenda.Agenda) (map[id.Case]preparation.Readiness, error)
	Own(ctx context.Context, a auth.Actor, limit int) ([]preparation.Ask, error)
	AskFor(ctx context.Context, a auth.Actor, c id.Case, who id.Professional) error
	AskAll(ctx context.Context, a auth.Actor, g agenda.Agenda) (int, error)
	Contribute(ctx context.Context, a auth.Actor, c id.Case, k preparation.Contribution) (preparation.Contribution, error)
	Summarise(ctx context.Context, a auth.Actor, c id.Case, i preparation.ISBAR) error
}

// Papers is what the pages need of papers.Service.
type Papers interface {
	List(ctx context.Context, a auth.Actor, c id.Case) (papers.List, error)
	Add(ctx context.Context, a auth.Actor, c id.Case, title string, r io.Reader) (papers.Paper, error)
	Open(ctx context.Context, a auth.Actor, p id.Paper) (papers.Paper, []byte, error)
	Remove(ctx context.Context, a auth.Actor, p id.Paper) (papers.Paper, error)
	Restore(ctx context.Context, a auth.Actor, p id.Paper) (papers.Paper, error)
}

// Minutes is what the pages need of minutes.Service.
type Minutes interface {
	Decision(ctx context.Context, a auth.Actor, c id.Case) (minutes.Decision, error)
	Record(ctx context.Context, a auth.Actor, c id.Case, d minutes.Decision) (minutes.Decision, error)
	RecordFields(ctx context.Context, a auth.Actor, c id.Case, fields []minutes.Field) (minutes.Decision, []minutes.Outcome, error)
	Settle(ctx context.Context, a auth.Actor, c id.Case) error
	Review(ctx context.Context, a auth.Actor, m id.Meeting) (minutes.Review, error)
	MaySign(ctx context.Context, a auth.Actor, m id.Meeting) error
	Sign(ctx context.Context, a auth.Actor, m id.Meeting, version int) (minutes.Minutes, error)
	Amend(ctx context.Context, a auth.Actor, m id.Meeting, reason string, ds []minutes.Decision) (minutes.Minutes, error)
	OfMeeting(ctx context.Context, a auth.Actor, m id.Meeting) ([]minutes.Minutes, error)
	PDF(ctx context.Context, a auth.Actor, m id.Meeting, version int, kind minutes.DocumentKind, p id.Patient) (pdf []byte, name string, err error)
	Archive(ctx context.Context, a auth.Actor, q minutes.ArchiveQuery) ([]minutes.Minutes, string, error)
	Search(ctx context.Context, a auth.Actor, q minutes.ArchiveQuery) ([]minutes.Found, string, error)
	DecisionsOf(ctx context.Context, a auth.Actor, p id.Patient) ([]minutes.PastDecision, error)
	Sample(ctx context.Context, a auth.Actor, t id.Team) (minutes.Sample, error)
	SetShare(ctx context.Context, a auth.Actor, t id.Team, share int) error
	Judge(ctx context.Context, a auth.Actor, c id.Case, v minutes.Judgement, comment string) error
}

// Handovers is what the pages need of handover.Service.
type Handovers interface {
	Ask(ctx context.Context, a auth.Actor, t id.Team, year int) error
	List(ctx context.Context, a auth.Actor) ([]handover.Handover, error)
	Take(ctx context.Context, a auth.Actor, h id.Handover) (handover.Handover, error)
	WriteZip(ctx context.Context, h handover.Handover, to io.Writer) error
}

// Retention is what the pages need of minutes.Retention.
type Retention interface {
	Schedule(ctx context.Context, a auth.Actor, year int) (minutes.Schedule, error)
	SaveClass(ctx context.Context, a auth.Actor, c minutes.RetentionClass) error
	SetTeam(ctx context.Context, a auth.Actor, t id.Team, class string) error
	Hold(ctx context.Context, a auth.Actor, ipp, reason string) error
	Lift(ctx context.Context, a auth.Actor, h id.Hold, why string) error
}

// Live is what the pages need of live.Hub.
type Live interface {
	Listen(team id.Team, m id.Meeting) *live.Listener
	Since(ctx context.Context, team id.Team, m id.Meeting, last id.Event) (events []event.Event, whole bool, err error)
}

// Outbox is what the pages need of notify.Service.
type Outbox interface {
	List(ctx context.Context, a auth.Actor, status notify.Status, after string, limit int) ([]notify.Message, string, error)
	Retry(ctx context.Context, a auth.Actor, m id.Message) error
	Cancel(ctx context.Context, a auth.Actor, m id.Message) error
	Preview(ctx context.Context, a auth.Actor, c minutes.Content) ([]notify.Delivery, error)
	Receipts(ctx context.Context, a auth.Actor, m minutes.Minutes) ([]notify.Receipt, error)
	Opened(ctx context.Context, a auth.Actor, m id.Minutes) error
	PreviewAgenda(ctx context.Context, a auth.Actor, full meetings.Full, g agenda.Agenda) ([]notify.Delivery, error)
}

// Inbox is what the pages need of inbox.Service.
type Inbox interface {
	Waiting(ctx context.Context, a auth.Actor) (int, error)
	List(ctx context.Context, a auth.Actor, f inbox.Filter) ([]inbox.Mail, string, error)
	Read(ctx context.Context, a auth.Actor, m id.Inbound) (inbox.Mail, error)
	Upload(ctx context.Context, a auth.Actor, raw []byte) (inbox.Mail, error)
	Assign(ctx context.Context, a auth.Actor, m id.Inbound, version int, as inbox.Assignment) (inbox.Mail, error)
	Dismiss(ctx context.Context, a auth.Actor, m id.Inbound, version int) error
	Proposals(ctx context.Context, a auth.Actor, status meetings.ProposalStatus) ([]meetings.Proposal, error)
	ProposalOutline(ctx context.Context, a auth.Actor, p id.Proposal) (meetings.Outline, error)
	AcceptProposal(ctx context.Context, a auth.Actor, p id.Proposal, version int, anyway bool) error
	RefuseProposal(ctx context.Context, a auth.Actor, p id.Proposal, version int, reason string) error
}
