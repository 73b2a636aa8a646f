package web

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
)

// createTeam makes a team from its rules; members come next, on its page.
func (s *Server) createTeam(r *request) error {
	t := r.teamRules(newTeamDefaults())
	t.Version, t.Training = 0, r.text("training") != ""
	saved, err := s.cfg.Meetings.SaveTeam(r.ctx(), r.actor, t)
	if f, ok := refused(r, err); ok {
		return s.showNewTeam(r, http.StatusUnprocessableEntity, f, t)
	}
	if err != nil {
		return err
	}
	return r.see("/teams/" + string(saved.ID) + "#membres")
}

// changeTeam saves the rules of a team.
func (s *Server) changeTeam(r *request) error {
	return s.saveTeam(r, "rules", func(t meetings.Team) (meetings.Team, error) { return r.teamRules(t), nil })
}

// teamRules reads the rules from the form over those of t.
func (r *request) teamRules(t meetings.Team) meetings.Team {
	t.Name, t.Kind, t.Zone, t.HolidayZone = r.text("name"), meetings.Kind(r.text("kind")), r.text("zone"), r.text("holiday_zone")
	t.CaseMinutes, t.ReviewInterval = r.number("case_minutes"), r.number("review_interval")
	t.CutoffHours, t.OpenDays = r.number("cutoff_hours"), r.number("open_days")
	t.OrganizerAddress, t.Reminders = r.text("organizer_address"), reminderDays(r.text("reminders"))
	t.Quorum = meetings.QuorumRule{
		MinProfessions: max(r.number("min_professions"), 0), MinSpecialties: max(r.number("min_specialties"), 0),
		Required: r.form()["required"], Written: r.text("written") != "",
	}
	return t
}

// changeMembers saves roles, and takes off those who leave.
func (s *Server) changeMembers(r *request) error {
	return s.saveTeam(r, "members", func(t meetings.Team) (meetings.Team, error) {
		t.Members = slices.DeleteFunc(t.Members, func(m meetings.Member) bool { return r.text("leave."+string(m.ID)) != "" })
		for i, m := range t.Members {
			if role := r.text("role." + string(m.ID)); role != "" {
				t.Members[i].Role, t.Members[i].Required = auth.Role(role), r.text("required."+string(m.ID)) != ""
			}
		}
		return t, nil
	})
}

// addMember adds somebody known, or somebody new.
func (s *Server) addMember(r *request) error {
	return s.saveTeam(r, "add", func(t meetings.Team) (meetings.Team, error) {
		p, err := s.chosenProfessional(r)
		t.Members = append(t.Members, meetings.Member{
			Professional: p, Role: auth.Role(r.text("role")), Required: r.text("expected") != "",
		})
		return t, err
	})
}

func (s *Server) chosenProfessional(r *request) (auth.Professional, error) {
	if known := id.Professional(r.text("professional")); known != "" {
		all, err := s.cfg.Meetings.Professionals(r.ctx(), r.actor)
		if err != nil {
			return auth.Professional{}, err
		}
		at := slices.IndexFunc(all, func(p auth.Professional) bool { return p.ID == known })
		if at < 0 {
			return auth.Professional{}, fault.New(fault.NotFound, "web.chosenProfessional", "")
		}
		return all[at], nil
	}
	return s.cfg.Meetings.SaveProfessional(r.ctx(), r.actor, auth.Professional{
		Family: r.text("family"), Given: r.text("given"), Title: r.text("title"), Profession: r.text("profession"),
		Specialty: r.text("specialty"), RPPS: r.text("rpps"), Email: r.text("email"),
	})
}

// saveTeam reads the team, lets change alter it and saves it at the version
// that the person saw.
func (s *Server) saveTeam(r *request, which string, change func(meetings.Team) (meetings.Team, error)) error {
	tid, err := pathID[id.Team](r, "id")
	if err != nil {
		return err
	}
	if !r.actor.Admin && !r.actor.In(tid, auth.Secretary) {
		return s.cfg.Auth.Refuse(r.ctx(), r.actor, "team", string(tid))
	}
	t, err := s.cfg.Meetings.Team(r.ctx(), r.actor, tid)
	if err != nil {
		return err
	}
	t.Version = r.number("version")
	if t, err = change(t); err == nil {
		_, err = s.cfg.Meetings.SaveTeam(r.ctx(), r.actor, t)
	}
	if f, ok := refused(r, err); ok {
		return s.showTeam(r, http.StatusUnprocessableEntity, f, which)
	}
	if err != nil {
		return err
	}
	return r.see("/teams/" + string(tid) + "#" + anchors[which])
}

// anchors are where a page goes on after a form.
var anchors = map[string]string{"rules": "regles", "members": "membres", "add": "membres"}

// reminderDays reads a list of days, such as « 5, 2 »; what is no number is -1,
// which the rules refuse.
func reminderDays(text string) []int {
	days := []int{}
	for _, part := range strings.FieldsFunc(text, func(c rune) bool { return c == ',' || c == ';' || c == ' ' || c == '\u00a0' }) {
		n, err := strconv.Atoi(part)
		if err != nil {
			n = -1
		}
		days = append(days, n)
	}
	return days
}
