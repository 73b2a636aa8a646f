package api

import (
	"context"
	"time"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
	"github.com/rcp-care/rcp/meetings/ical"

	"github.com/rcp-care/rcp/internal/fault"
)

// Meeting is a meeting in a list. What is embedded must be exported: huma
// reads no other.
type Meeting struct {
	ID       id.Meeting      `json:"id"`
	Team     id.Team         `json:"team"`
	TeamName string          `json:"team_name"`
	Series   id.Series       `json:"series,omitempty" doc:"Left out when the meeting belongs to none."`
	Kind     meetings.Kind   `json:"kind" enum:"synthese,rcp"`
	Starts   time.Time       `json:"starts"`
	Ends     time.Time       `json:"ends"`
	Zone     string          `json:"zone" doc:"IANA name of the zone of its hours."`
	Room     string          `json:"room,omitempty"`
	URL      string          `json:"url,omitempty"`
	Status   meetings.Status `json:"status" enum:"draft,open,closed,running,held,signed,cancelled"`
	Reason   string          `json:"reason,omitempty" doc:"Why it was cancelled."`
	Cutoff   time.Time       `json:"cutoff" doc:"When registration closes."`
	Sequence int             `json:"sequence" doc:"Of its calendar object."`
	Version  int             `json:"version"`
}

func meetingOf(m meetings.Meeting) Meeting {
	return Meeting{
		ID: m.ID, Team: m.Team, TeamName: m.TeamName, Series: m.Series, Kind: m.Kind, Starts: m.Starts.UTC(), Ends: m.Ends.UTC(),
		Zone: m.Zone, Room: m.Room, URL: m.URL, Status: m.Status, Reason: m.Reason, Cutoff: m.Cutoff.UTC(), Sequence: m.Sequence,
		Version: m.Version,
	}
}

// fullMeeting is a meeting with who was invited and whether they are enough.
type fullMeeting struct {
	Meeting
	Attendance []attendance `json:"attendance" nullable:"false"`
	Forecast   quorum       `json:"forecast" doc:"From the answers."`
	Quorum     quorum       `json:"quorum" doc:"From the presences, now or when the meeting ended."`
}

// quorum is whether enough of the right people are there.
type quorum struct {
	State       meetings.QuorumState `json:"state" enum:"reached,not-reached,unknown"`
	Professions int                  `json:"professions"`
	Specialties int                  `json:"specialties"`
	Missing     []string             `json:"missing" nullable:"false" doc:"Profession keys, professions or specialties."`
}

func quorumOf(q meetings.Quorum) quorum {
	return quorum{q.State, q.Professions, q.Specialties, each(q.Missing, func(s string) string { return s })}
}

// attendance is one person at one meeting.
type attendance struct {
	Professional id.Professional   `json:"professional"`
	Name         string            `json:"name"`
	Profession   string            `json:"profession"`
	Specialty    string            `json:"specialty,omitempty"`
	Role         auth.Role         `json:"role" enum:"secretary,chair,clinician"`
	Required     bool              `json:"required"`
	Answer       meetings.Answer   `json:"answer" enum:"NEEDS-ACTION,ACCEPTED,DECLINED,TENTATIVE,DELEGATED"`
	AnsweredAt   time.Time         `json:"answered_at,omitzero"`
	Comment      string            `json:"comment,omitempty"`
	Presence     meetings.Presence `json:"presence" doc:"present, remote, excused, absent, or empty: not noted."`
	Arrived      time.Time         `json:"arrived,omitzero"`
	Left         time.Time         `json:"left,omitzero"`
}

func attendanceOf(a meetings.Attendance) attendance {
	p := a.Professional
	return attendance{
		Professional: p.ID, Name: p.Name(), Profession: p.Profession, Specialty: p.Specialty, Role: a.Role, Required: a.Required,
		Answer: a.Answer, AnsweredAt: a.AnsweredAt, Comment: a.Comment, Presence: a.Presence, Arrived: a.Arrived, Left: a.Left,
	}
}

func (s *server) fullMeetingOf(f meetings.Full) fullMeeting {
	at := s.cfg.Now()
	if !f.Meeting.HeldAt.IsZero() {
		at = f.Meeting.HeldAt
	}
	kind, rule := f.Meeting.Kind, f.Team.Quorum
	return fullMeeting{
		Meeting: meetingOf(f.Meeting), Attendance: each(f.Attendance, attendanceOf),
		Forecast: quorumOf(meetings.Forecast(kind, rule, f.Attendance)),
		Quorum:   quorumOf(meetings.Judge(kind, rule, f.Attendance, at)),
	}
}

func (s *server) meetingRoutes() {
	add(s, get("/meetings", "list-meetings", "Meetings of one's teams, oldest first"), s.listMeetings)
	add(s, get("/meetings/{id}", "read-meeting", "A meeting with its attendance"), s.readMeeting)
	add(s, put("/meetings/{id}/attendance", "set-attendance", "Note answers and presences"), s.setAttendance)
	addFile(s, get("/meetings/{id}/invite.ics", "read-invite", "The calendar object that an attendee receives"),
		"text/calendar", s.invite)
}

type meetingsQuery struct {
	Paging
	From   string            `query:"from" maxLength:"40" doc:"Starts at or after: an instant, or a day."`
	To     string            `query:"to" maxLength:"40" doc:"Starts before the instant, or on or before the day."`
	Team   string            `query:"team" maxLength:"40"`
	Status []meetings.Status `query:"status" enum:"draft,open,closed,running,held,signed,cancelled" doc:"One or several, with commas."`
}

func (s *server) listMeetings(ctx context.Context, c caller, in *meetingsQuery) (page[Meeting], error) {
	f := meetings.Filter{Status: in.Status, After: in.Cursor, Limit: in.Limit}
	team, err := optionalID[id.Team]("team", in.Team)
	if err != nil {
		return page[Meeting]{}, err
	}
	zone := s.cfg.Zone
	if team != "" {
		one, err := s.cfg.Meetings.Team(ctx, c.Actor, team)
		if err != nil {
			return page[Meeting]{}, err
		}
		f.Teams = []id.Team{team}
		zone = meetings.Meeting{Zone: one.Zone}.Location()
	}
	if f.From, err = bound("from", in.From, zone, 0); err != nil {
		return page[Meeting]{}, err
	}
	if f.To, err = bound("to", in.To, zone, 1); err != nil {
		return page[Meeting]{}, err
	}
	found, next, err := s.cfg.Meetings.List(ctx, c.Actor, f)
	return listed(found, next, meetingOf), err
}

func (s *server) readMeeting(ctx context.Context, c caller, in *OneID) (fullMeeting, error) {
	full, err := s.meeting(ctx, c, in.ID)
	if err != nil {
		return fullMeeting{}, err
	}
	return s.fullMeetingOf(full), nil
}

// meeting reads the meeting of a path.
func (s *server) meeting(ctx context.Context, c caller, raw string) (meetings.Full, error) {
	m, err := idOf[id.Meeting](raw)
	if err != nil {
		return meetings.Full{}, err
	}
	return s.cfg.Meetings.Get(ctx, c.Actor, m)
}

type attendanceEdits struct {
	OneID
	Body struct {
		Attendance []attendanceEdit `json:"attendance" nullable:"false" minItems:"1" maxItems:"500"`
	}
}

// attendanceEdit changes one person's attendance; what is left out stays.
type attendanceEdit struct {
	Professional id.Professional    `json:"professional"`
	Presence     *meetings.Presence `json:"presence,omitempty" enum:",present,remote,excused,absent"`
	Arrived      *time.Time         `json:"arrived,omitempty"`
	Left         *time.Time         `json:"left,omitempty"`
	Answer       *meetings.Answer   `json:"answer,omitempty" enum:"NEEDS-ACTION,ACCEPTED,DECLINED,TENTATIVE,DELEGATED"`
	Comment      *string            `json:"comment,omitempty" maxLength:"500"`
}

func (s *server) setAttendance(ctx context.Context, c caller, in *attendanceEdits) (page[attendance], error) {
	m, err := idOf[id.Meeting](in.ID)
	if err != nil {
		return page[attendance]{}, err
	}
	edits := each(in.Body.Attendance, func(e attendanceEdit) meetings.AttendanceEdit {
		return meetings.AttendanceEdit{
			Professional: e.Professional, Presence: e.Presence, Arrived: e.Arrived, Left: e.Left, Answer: e.Answer, Comment: e.Comment,
		}
	})
	found, err := s.cfg.Meetings.SetAttendance(ctx, c.Actor, m, edits)
	return listed(found, "", attendanceOf), err
}

type inviteQuery struct {
	OneID
	Attendee string `query:"attendee" maxLength:"40" doc:"Whose invite; the secretary may ask for anybody's. Default: one's own."`
}

func (s *server) invite(ctx context.Context, c caller, in *inviteQuery) (*file, error) {
	full, err := s.meeting(ctx, c, in.ID)
	if err != nil {
		return nil, err
	}
	to, err := optionalID[id.Professional]("attendee", in.Attendee)
	if err != nil {
		return nil, err
	}
	if to == "" {
		to = c.Professional
	}
	if to != c.Professional && !c.Admin && !c.In(full.Meeting.Team, auth.Secretary, auth.Chair) {
		return nil, fault.New(fault.Forbidden, "api.invite", "")
	}
	org, err := s.cfg.Meetings.Org(ctx, c.Actor)
	if err != nil {
		return nil, err
	}
	method := ical.Request
	if full.Meeting.Status == meetings.Cancelled {
		method = ical.Cancel
	}
	raw, err := meetings.Invite(full, to, org, full.Meeting.Updated, method)
	return &file{
		Type: "text/calendar; charset=utf-8; method=" + string(method), Disposition: `inline; filename="invite.ics"`, Body: raw,
	}, err
}
