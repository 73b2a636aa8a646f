package agenda

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"slices"
	"strings"
	"time"

	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/audit"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/event"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/link"
	"github.com/rcp-care/rcp/meetings"
)

// OutsideStore is what requests from outside need of the database.
type OutsideStore interface {
	OutsideLinks(ctx context.Context, org id.Org, team id.Team) ([]OutsideLink, error)
	// OutsideLinkByID reads an address of whatever organisation: who holds one
	// has no session that would name it.
	OutsideLinkByID(ctx context.Context, l id.OutsideLink) (OutsideLink, error)
	AddOutsideLink(ctx context.Context, l OutsideLink, by audit.Change) error
	RevokeOutsideLink(ctx context.Context, l OutsideLink, by audit.Change) error
	// AddOutside keeps a request if its address still serves at o.At, or is
	// fault.NotFound; past the limits it is fault.Limited.
	AddOutside(ctx context.Context, o Outside, origin string, limits OutsideLimits, by audit.Change) error
	OutsideByID(ctx context.Context, r id.Request) (Outside, error)
	OutsideOf(ctx context.Context, org id.Org, teams []id.Team, status OutsideStatus) ([]Outside, error)
	// MatchOutside makes the request of an outside one that waits at its version.
	MatchOutside(ctx context.Context, o Outside, r Request, by audit.Change) error
	RefuseOutside(ctx context.Context, o Outside, by audit.Change) error
	// BornOn reads the patients born on a day whom one of the teams follows.
	BornOn(ctx context.Context, org id.Org, teams []id.Team, day date.Date) ([]careplan.Patient, error)
}

// OutsideLimits bound the requests from outside since an instant.
type OutsideLimits struct {
	Since     time.Time
	PerLink   int
	PerOrigin int // by remote address
}

const (
	outsideWindow    = time.Hour
	outsidePerLink   = 30
	outsidePerOrigin = 10
	maxLinkDays      = 366
)

// OutsideLinks lists the addresses of a team, newest first, to its secretary
// and chair.
func (s *Service) OutsideLinks(ctx context.Context, a auth.Actor, team id.Team) ([]OutsideLink, error) {
	const op = "agenda.OutsideLinks"
	if by := s.linkChange(a, "outside-link.list", OutsideLink{Team: team}); !a.In(team, auth.Secretary, auth.Chair) {
		return nil, s.refuse(ctx, op, by)
	}
	all, err := s.store.OutsideLinks(ctx, a.Org, team)
	return all, fault.Wrap(op, err)
}

// NewOutsideLink makes an address for a team that serves for a number of days.
func (s *Service) NewOutsideLink(ctx context.Context, a auth.Actor, team id.Team, label string, days int) (OutsideLink, error) {
	const op = "agenda.NewOutsideLink"
	l := OutsideLink{
		ID: id.New[id.OutsideLink](), Org: a.Org, Team: team, Label: strings.TrimSpace(label), Created: s.now(), By: a.Professional,
		Expires: s.now().AddDate(0, 0, days).Truncate(time.Second),
	}
	by := s.linkChange(a, "outside-link.make", l)
	if !a.In(team, auth.Secretary, auth.Chair) {
		return l, s.refuse(ctx, op, by)
	}
	var c fault.Check
	c.That(l.Label != "", "label", "Dites à qui vous donnez ce lien.")
	c.That(runes(l.Label) <= maxName, "label", "Ce texte est trop long : %d caractères au plus.", maxName)
	c.That(days >= 1 && days <= maxLinkDays, "days", "Entre 1 et %d jours.", maxLinkDays)
	if err := c.Err(op); err != nil {
		return l, err
	}
	return l, fault.Wrap(op, s.store.AddOutsideLink(ctx, l, by))
}

// RevokeOutsideLink ends an address; what came by it stays.
func (s *Service) RevokeOutsideLink(ctx context.Context, a auth.Actor, which id.OutsideLink) error {
	const op = "agenda.RevokeOutsideLink"
	l, err := s.store.OutsideLinkByID(ctx, which)
	if err != nil {
		return fault.Wrap(op, err)
	}
	if l.Org != a.Org {
		return fault.New(fault.NotFound, op, "Introuvable.")
	}
	by := s.linkChange(a, "outside-link.revoke", l)
	if !a.In(l.Team, auth.Secretary, auth.Chair) {
		return s.refuse(ctx, op, by)
	}
	l.Revoked = s.now()
	return fault.Wrap(op, s.store.RevokeOutsideLink(ctx, l, by))
}

func (s *Service) linkChange(a auth.Actor, action string, l OutsideLink) audit.Change {
	by := a.Change(s.now(), action, "outside-link", string(l.ID))
	by.Entry.Team = l.Team
	return by
}

// Token is what the address says. It is signed elsewhere.
func (l OutsideLink) Token() link.Token {
	return link.Token{Purpose: link.Ask, Object: string(l.ID), Professional: l.By, Expires: l.Expires}
}

// Ticket is what the address says at which the asker follows a request. It
// serves on when the team takes its link back.
func (o Outside) Ticket() link.Token {
	return link.Token{Purpose: link.Track, Object: string(o.ID), Professional: id.Professional(o.Link), Expires: o.At.Add(trackFor)}
}

// Door reads what a link opens: fault.NotFound when it serves no more.
func (s *Service) Door(ctx context.Context, t link.Token) (OutsideLink, error) {
	const op = "agenda.Door"
	if t.Purpose != link.Ask {
		return OutsideLink{}, link.Refused(op)
	}
	l, err := s.store.OutsideLinkByID(ctx, id.OutsideLink(t.Object))
	if fault.Is(err, fault.NotFound) || err == nil && !l.Serves(s.now()) {
		return OutsideLink{}, link.Refused(op)
	}
	return l, fault.Wrap(op, err)
}

// AskOutside keeps what somebody without an account asks through a link. It
// looks nobody up: the answer is the same whoever the patient is. Origin is the
// remote address.
func (s *Service) AskOutside(ctx context.Context, t link.Token, origin, lang string, u Urgency, c OutsideContent) (Outside, error) {
	const op = "agenda.AskOutside"
	l, err := s.Door(ctx, t)
	if err != nil {
		return Outside{}, fault.Wrap(op, err)
	}
	o := Outside{
		ID: id.New[id.Request](), Org: l.Org, OrgName: l.OrgName, Team: l.Team, TeamName: l.TeamName, Link: l.ID,
		OutsideContent: c.trimmed(), Urgency: u, Status: OutsideWaiting, AskerLang: lang, At: s.now(),
	}
	if err := s.checkOutside(o).Err(op); err != nil {
		return Outside{}, err
	}
	if o.LateFor, err = s.lateFor(ctx, o.Org, o.Team); err != nil {
		return Outside{}, fault.Wrap(op, err)
	}
	a := auth.Actor{Org: o.Org, Name: "outside-link", Origin: origin}
	by := s.outsideChange(a, "request.receive", o)
	if o.LateFor != "" {
		by.Entry.Detail = "late"
	}
	e := a.Event(s.now(), event.RequestReceived)
	e.Team, e.Request = o.Team, o.ID
	by.Events = append(by.Events, e)
	limits := OutsideLimits{Since: s.now().Add(-outsideWindow), PerLink: outsidePerLink, PerOrigin: outsidePerOrigin}
	return o, fault.Wrap(op, s.store.AddOutside(ctx, o, hashed(origin), limits, by))
}

// hashed keeps from a remote address what counting needs.
func hashed(origin string) string {
	sum := sha256.Sum256([]byte("outside\x00" + origin))
	return base64.RawURLEncoding.EncodeToString(sum[:16])
}

func (s *Service) outsideChange(a auth.Actor, action string, o Outside) audit.Change {
	by := a.Change(s.now(), action, "request", string(o.ID))
	by.Entry.Team = o.Team
	return by
}

func (s *Service) checkOutside(o Outside) *fault.Check {
	var c fault.Check
	checkQuestion(&c, o.Question, o.Urgency, o.Details)
	who, p := o.Outsider, o.Traits
	for _, f := range []struct{ name, text, missing string }{
		{"name", who.Name, "Écrivez votre nom."},
		{"birth_family", p.BirthFamily, "Écrivez le nom de naissance."},
		{"birth_given", p.BirthGiven, "Écrivez le premier prénom de naissance."},
	} {
		c.That(f.text != "", f.name, f.missing)
	}
	for _, f := range []struct{ name, text string }{
		{"name", who.Name},
		{"organisation", who.Organisation},
		{"phone", who.Phone},
		{"birth_family", p.BirthFamily},
		{"birth_given", p.BirthGiven},
	} {
		c.That(runes(f.text) <= maxName, f.name, "Ce texte est trop long : %d caractères au plus.", maxName)
	}
	c.That(meetings.ProfessionName(who.Profession, "fr") != who.Profession, "profession", "Choisissez votre profession.")
	c.That(who.RPPS == "" || digits(who.RPPS) == 11 && len(who.RPPS) == 11, "rpps", "Le numéro RPPS a 11 chiffres.")
	c.That(auth.Usable(who.Email), "email", "Une adresse de messagerie est attendue.")
	today := date.Of(s.now())
	c.That(!p.BirthDate.IsZero() && !p.BirthDate.After(today) && today.Sub(p.BirthDate) < 130*366, "birth_date", "Écrivez la date de naissance : 14/03/1939.")
	c.That(slices.Contains([]careplan.Sex{careplan.Female, careplan.Male, careplan.SexUnknown, ""}, p.Sex), "sex", "Choisissez le sexe.")
	return &c
}

func digits(s string) (n int) {
	for _, r := range s {
		if r >= '0' && r <= '9' {
			n++
		}
	}
	return n
}

// Track reads where a request from outside stands.
func (s *Service) Track(ctx context.Context, t link.Token) (Tracked, error) {
	const op = "agenda.Track"
	if t.Purpose != link.Track {
		return Tracked{}, link.Refused(op)
	}
	o, err := s.store.OutsideByID(ctx, id.Request(t.Object))
	if fault.Is(err, fault.NotFound) || err == nil && string(o.Link) != string(t.Professional) {
		return Tracked{}, link.Refused(op)
	}
	if err != nil {
		return Tracked{}, fault.Wrap(op, err)
	}
	var r Request
	if o.Status == OutsideMatched {
		if r, err = s.store.RequestByID(ctx, o.Org, o.ID); err != nil {
			return Tracked{}, fault.Wrap(op, err)
		}
	}
	v := Tracked{Outside: o, State: trackState(o, r), MeetingAt: r.MeetingAt}
	if v.State != TrackReceived {
		return v, nil
	}
	q, err := s.queue(ctx, o.Org, o.Team)
	v.Place, v.Next = q.Place(o.ID), q.Next
	return v, fault.Wrap(op, err)
}
