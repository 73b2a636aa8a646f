package web

import (
	"slices"
	"strings"
	"time"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/lang"
	"github.com/rcp-care/rcp/meetings"
)

// state is how a state is shown: a class of .st and a word.
type state struct{ Class, Word string }

// meetingStates are the classes and French source words of a meeting's states.
var meetingStates = map[meetings.Status]state{
	meetings.Draft:     {"todo", lang.Mark("Brouillon")},
	meetings.Open:      {"run", lang.Mark("Inscriptions ouvertes")},
	meetings.Closed:    {"ok", lang.Mark("Ordre du jour clos")},
	meetings.Running:   {"on", lang.Mark("En séance")},
	meetings.Held:      {"warn", lang.Mark("Compte rendu à signer")},
	meetings.Signed:    {"ok", lang.Mark("Signée")},
	meetings.Cancelled: {"off", lang.Mark("Annulée")},
}

func stateOf(r *request, s meetings.Status) state {
	st := meetingStates[s]
	return state{st.Class, r.T(st.Word)}
}

// meetingHead is the head of every page of a meeting: where and when it is, its
// state, what the person may do next, and the tabs.
type meetingHead struct {
	ID           id.Meeting
	Team         meetings.Team
	Kind         string
	Starts, Ends time.Time // in the meeting's zone
	Cutoff       time.Time
	CutoffLeft   string // dans 26 heures; empty when past
	Place        string
	Room         string
	URL          string
	State        state
	Status       meetings.Status
	Reason       string // of a cancellation
	Version      int
	Tabs         []tab
	Leads        bool // secretary or chair of its team
	Chairs       bool
	Invited      int // people with an address
	Unreached    []string
	Announced    bool         // invitations have left
	Sending      *sendingView // of the agenda at the closing; nil where it is not said
	Since        id.Event     // what happens from here on is told to the page
}

type tab struct {
	Path, Text string
	Note       string
	Current    bool
}

// Path is the page of the meeting, or of one of its parts.
func (h meetingHead) Path(parts ...string) string {
	return "/meetings/" + string(h.ID) + strings.Join(append([]string{""}, parts...), "/")
}

// Is reports whether the meeting is in one of the states.
func (h meetingHead) Is(states ...string) bool { return slices.Contains(states, string(h.Status)) }

// Preparing reports whether the agenda may still be changed.
func (h meetingHead) Preparing() bool { return h.Is("draft", "open", "closed", "running") }

// head makes the head of a meeting's page; current is the tab's last path part.
func (s *Server) head(r *request, full meetings.Full, current string) meetingHead {
	m, loc := full.Meeting, full.Meeting.Location()
	h := meetingHead{
		ID: m.ID, Team: full.Team, Kind: kindName(r, m.Kind), Starts: m.Starts.In(loc), Ends: m.Ends.In(loc), Cutoff: m.Cutoff.In(loc),
		CutoffLeft: lang.Left(r.lang, m.Cutoff.Sub(s.now())), Place: placeOf(r, m), Room: m.Room, URL: m.URL, State: stateOf(r, m.Status),
		Status: m.Status, Reason: m.Reason, Version: m.Version, Leads: r.actor.In(m.Team, auth.Secretary, auth.Chair),
		Chairs: r.actor.In(m.Team, auth.Chair), Announced: !m.Opened.IsZero(), Since: id.New[id.Event](),
	}
	for _, a := range full.Attendance {
		if a.Professional.Email == "" {
			h.Unreached = append(h.Unreached, a.Professional.Name())
		} else {
			h.Invited++
		}
	}
	h.Tabs = []tab{
		{Path: h.Path(), Text: r.T("Ordre du jour"), Current: current == ""},
		{Path: h.Path("preparation"), Text: r.T("Préparation"), Current: current == "preparation"},
		{Path: h.Path("attendance"), Text: r.T("Présences"), Current: current == "attendance"},
		{Path: h.Path("room"), Text: r.T("Salle"), Current: current == "room"},
		{Path: h.Path("minutes"), Text: r.T("Compte rendu"), Current: current == "minutes"},
	}
	return h
}

func kindName(r *request, k meetings.Kind) string {
	if k == meetings.RCP {
		return r.T("RCP")
	}
	return r.T("Réunion de synthèse")
}

// placeOf says where the meeting is held.
func placeOf(r *request, m meetings.Meeting) string {
	switch {
	case m.Room != "" && m.URL != "":
		return r.T("%s et à distance", m.Room)
	case m.URL != "":
		return r.T("à distance")
	}
	return m.Room
}

// verdict is a judgement in words: a state and what is behind it.
type verdict struct {
	state
	Why string
}

// quorumNow says whether the people in the room make the quorum.
func quorumNow(r *request, full meetings.Full, at time.Time) verdict {
	q := meetings.Judge(full.Meeting.Kind, full.Team.Quorum, full.Attendance, at)
	switch q.State {
	case meetings.QuorumReached:
		return verdict{state{"ok", r.T("Quorum atteint")}, ""}
	case meetings.QuorumNotReached:
		return verdict{state{"bad", r.T("Quorum non atteint")}, missing(r, full.Team, q)}
	}
	return verdict{state{"todo", r.T("Présences à noter")}, r.T("Le quorum se calcule dès qu’une présence est notée.")}
}

// missing says who is missing for the quorum.
func missing(r *request, team meetings.Team, q meetings.Quorum) string {
	var parts []string
	for _, key := range q.Missing {
		switch key {
		case "specialties":
			parts = append(parts, lang.N(r.lang, q.Specialties, "%d spécialité médicale sur %d", "%d spécialités médicales sur %d", max(team.Quorum.MinSpecialties, minSpecialties(team.Kind))))
		case "professions":
			parts = append(parts, lang.N(r.lang, q.Professions, "%d profession sur %d", "%d professions sur %d", team.Quorum.MinProfessions))
		default:
			parts = append(parts, r.T("il manque : %s", strings.ToLower(professionName(r.lang, key))))
		}
	}
	return strings.Join(parts, "\u202f; ")
}

func minSpecialties(k meetings.Kind) int {
	return meetings.DefaultQuorum(k).MinSpecialties
}

// meetingOf reads the meeting whose id stands in the address.
func (s *Server) meetingOf(r *request) (meetings.Full, error) {
	m, err := pathID[id.Meeting](r, "id")
	if err != nil {
		return meetings.Full{}, err
	}
	return s.cfg.Meetings.Get(r.ctx(), r.actor, m)
}
