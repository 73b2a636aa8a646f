package meetings

import (
	"time"

	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings/ical"
)

// Summary is the neutral title of a meeting in calendars and mails: kind and
// team, never a patient.
func Summary(kind Kind, team string) string {
	if kind == RCP {
		return "RCP – " + team
	}
	return "Réunion de synthèse – " + team
}

// Invite is the calendar object that one attendee receives: a REQUEST while the
// meeting stands, a CANCEL once it is cancelled or the attendee was removed.
// The stamp must rise from one message to the next (RFC 5545 section 3.8.7.2).
func Invite(full Full, to id.Professional, org auth.Org, stamp time.Time, method ical.Method) ([]byte, error) {
	m := full.Meeting
	e := ical.Event{
		UID: m.UID, Sequence: m.Sequence, Stamp: stamp, Start: m.Starts, End: m.Ends, Zone: m.Zone,
		Summary: Summary(m.Kind, full.Team.Name), Location: m.Room, URL: m.URL,
		Description: "Invitation de " + org.Name + ".\nAucune donnée de santé ne figure dans cet agenda.",
		Organizer:   ical.Organizer{Name: full.Team.Name, Address: full.Team.OrganizerAddress},
	}
	if method == ical.Cancel {
		e.Status = ical.Cancelled
	}
	found := false
	for _, a := range full.Attendance {
		if a.Professional.Email == "" {
			continue
		}
		// A cancellation to one removed person names that person alone (RFC 5546 section 3.2.5).
		if method == ical.Cancel && m.Status != Cancelled && a.Professional.ID != to {
			continue
		}
		found = found || a.Professional.ID == to
		e.Attendees = append(e.Attendees, attendee(a))
	}
	if !found {
		return nil, fault.New(fault.NotFound, "meetings.Invite", "Cette personne n’est pas invitée.")
	}
	raw, err := ical.Encode(method, e)
	return raw, fault.Wrap("meetings.Invite", err)
}

func attendee(a Attendance) ical.Attendee {
	role := ical.Optional
	switch {
	case a.Role == auth.Chair:
		role = ical.Chair
	case a.Required:
		role = ical.Required
	}
	return ical.Attendee{
		Name: a.Professional.Name(), Address: a.Professional.Email, PartStat: ical.PartStat(a.Answer),
		Role: role, CUType: ical.Individual, RSVP: true,
	}
}
