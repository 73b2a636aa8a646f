package web

import (
	"context"
	"slices"
	"time"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
)

// inviteGuest invites somebody to this meeting alone.
func (s *Server) inviteGuest(r *request) error {
	return s.changeGuest(r, "invite", s.cfg.Meetings.InviteGuest)
}

// uninviteGuest takes the invitation back.
func (s *Server) uninviteGuest(r *request) error {
	return s.changeGuest(r, "uninvite", s.cfg.Meetings.UninviteGuest)
}

func (s *Server) changeGuest(r *request, did string, do func(context.Context, auth.Actor, id.Meeting, id.Professional) error) error {
	m, err := pathID[id.Meeting](r, "id")
	if err != nil {
		return err
	}
	who := id.Professional(r.PostForm("who"))
	if err := do(r.ctx(), r.actor, m, who); err != nil {
		return err
	}
	return r.see("/meetings/" + string(m) + "?did=" + did + "&who=" + string(who) + "#prevision")
}

// guestToast tells who was invited to this date alone, and how to undo it.
func guestToast(r *request, full meetings.Full) *Toast {
	who, path := id.Professional(r.Query("who")), "/meetings/"+string(full.Meeting.ID)+"/guests"
	i := slices.IndexFunc(full.Attendance, func(a meetings.Attendance) bool { return a.Professional.ID == who })
	switch did := r.Query("did"); {
	case did == "invite" && i >= 0:
		return &Toast{
			Text: r.T("Invitation pour cette date : %s.", full.Attendance[i].Professional.Name()), Undo: path + "/remove",
			Fields: map[string]string{"who": string(who)},
		}
	case did == "uninvite" && i < 0 && id.Valid(who):
		return &Toast{Text: r.T("Invitation retirée."), Undo: path, Fields: map[string]string{"who": string(who)}}
	}
	return nil
}

// movedTo reads the day and hours that a suggestion prefills the form with;
// what is not a day or an hour is left out.
func movedTo(r *request) Form {
	f := Form{Values: map[string][]string{}}
	if d, err := date.Parse(r.Query("day")); err == nil {
		f.Values.Set("day", d.String())
	}
	for _, field := range []string{"starts", "ends"} {
		if at, err := time.Parse("15:04", r.Query(field)); err == nil {
			f.Values.Set(field, at.Format("15:04"))
		}
	}
	return f
}
