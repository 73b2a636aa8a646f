package minutes

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/rcp-care/rcp/agenda"
	"github.com/rcp-care/rcp/internal/audit"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/event"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
)

// tries is how often a signature starts again when another meeting of the team
// was signed, or a plan changed, in the middle of it.
const tries = 3

// MaySign authorises a signature, or a correction, before the password is asked
// again: the chair of the team. A refusal is audited.
func (s *Service) MaySign(ctx context.Context, a auth.Actor, m id.Meeting) error {
	_, err := s.meeting(ctx, a, m, "minutes.sign", auth.Chair)
	return fault.Wrap("minutes.MaySign", err)
}

// Sign freezes a held meeting's minutes: content, hash, chain, PDFs; the plans
// follow in the same transaction. It takes the chair of the team; the password
// is checked at the edge. version is the meeting's that the actor saw.
func (s *Service) Sign(ctx context.Context, a auth.Actor, m id.Meeting, version int) (Minutes, error) {
	const op = "minutes.Sign"
	var out Minutes
	var err error
	for range tries {
		if out, err = s.sign(ctx, a, m, version); !fault.Is(err, fault.Conflict) {
			break
		}
	}
	return out, fault.Wrap(op, err)
}

func (s *Service) sign(ctx context.Context, a auth.Actor, m id.Meeting, version int) (Minutes, error) {
	full, err := s.meeting(ctx, a, m, "minutes.sign", auth.Chair)
	if err != nil {
		return Minutes{}, err
	}
	if why := unsignable(a, full.Meeting); why != "" {
		return Minutes{}, fault.New(fault.Conflict, "minutes.sign", why)
	}
	if full.Meeting.Version != version {
		return Minutes{}, fault.New(fault.Conflict, "minutes.sign", "Quelqu’un a modifié ceci entre-temps. Rechargez la page.")
	}
	st, err := s.read(ctx, full)
	if err != nil {
		return Minutes{}, err
	}
	c := named(st.content())
	if err := c.complete(); err != nil {
		return Minutes{}, err
	}
	g := Signing{MeetingVersion: version, Seen: seen(st.decisions), Deferred: append(st.notReached(), st.again(c)...), Registered: st.settled()}
	g.Lines, g.Attendance = map[id.Case]int{}, map[id.Professional]int{}
	for _, l := range st.items {
		g.Lines[l.ID] = l.Version
	}
	for _, t := range st.full.Attendance {
		g.Attendance[t.Professional.ID] = t.Version
	}
	g.Changes = Follow(c, st.files, full.Team.ReviewInterval)
	for _, k := range c.Cases {
		if k.Decision.Version > 0 {
			g.Decisions = append(g.Decisions, k.Decision)
		}
	}
	return s.freeze(ctx, a, full, c, g)
}

func seen(ds []Decision) map[id.Case]int {
	all := make(map[id.Case]int, len(ds))
	for _, d := range ds {
		all[d.Case] = d.Version
	}
	return all
}

// freeze signs the content, archives its PDFs and commits. PDFs are archived
// first, by hash: a signature that fails leaves only files that nobody names.
func (s *Service) freeze(ctx context.Context, a auth.Actor, full meetings.Full, c Content, g Signing) (Minutes, error) {
	g.Tellings = tellings(c, full)
	seq, head, err := s.store.Head(ctx, a.Org, full.Meeting.Team)
	if err != nil {
		return Minutes{}, err
	}
	now := s.now().UTC().Truncate(time.Microsecond)
	signer := signerOf(a, full)
	c.Previous, c.SignedAt, c.Signer, c.SignerRPPS = head, now, signer.Name(), signer.RPPS
	g.JSON, err = json.Marshal(c)
	if err != nil {
		return Minutes{}, err
	}
	g.Minutes.ID, g.Minutes.Org, g.Minutes.Team, g.Minutes.TeamName = id.New[id.Minutes](), a.Org, full.Meeting.Team, full.Team.Name
	g.Minutes.Meeting, g.Minutes.Version, g.Minutes.Seq, g.Minutes.Content = full.Meeting.ID, c.Version, seq+1, c
	g.Minutes.SHA256, g.Minutes.Previous = hash(g.JSON), head
	g.Minutes.SignedBy, g.Minutes.Signer, g.Minutes.SignedAt, g.Minutes.MeetingAt = a.Professional, c.Signer, now, full.Meeting.Starts.UTC()
	if err := s.draw(ctx, &g); err != nil {
		return Minutes{}, err
	}
	if g.Minutes.Documents, err = s.print(ctx, g.Minutes); err != nil {
		return Minutes{}, err
	}
	return g.Minutes, s.store.Sign(ctx, g, s.signature(a, full.Meeting, g))
}

// signature is the trace of a signature or a correction, and its event.
func (s *Service) signature(a auth.Actor, m meetings.Meeting, g Signing) audit.Change {
	action := "minutes.sign"
	if g.Correction {
		action = "minutes.amend"
	}
	by := s.change(a, action, m)
	by.Entry.Detail = fmt.Sprintf("version=%d seq=%d sha256=%s", g.Minutes.Version, g.Minutes.Seq, g.Minutes.SHA256)
	e := a.Event(by.Entry.At, event.MinutesSigned)
	e.Team, e.Meeting, e.Minutes = m.Team, m.ID, g.Minutes.ID
	by.Events = append(by.Events, e)
	return by
}

func signerOf(a auth.Actor, full meetings.Full) auth.Professional {
	r := record{full: full}
	if p := r.professional(a.Professional); p.ID != "" {
		return p
	}
	return auth.Professional{Family: a.Name}
}

func hash(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// print renders the register and one extract per patient into the archive.
func (s *Service) print(ctx context.Context, m Minutes) ([]Document, error) {
	docs := []Document{{Minutes: m.ID, Kind: Register}}
	c, err := s.withLogo(ctx, m.Org, m.Content)
	if err != nil {
		return nil, err
	}
	for _, k := range m.Content.Cases {
		docs = append(docs, Document{Minutes: m.ID, Kind: Extract, Patient: k.Patient})
	}
	for i := range docs {
		d := &docs[i]
		pdf, pages, err := s.render.Render(c, d.Kind, d.Patient, m.SHA256)
		if err != nil {
			return nil, err
		}
		d.SHA256, d.Size, d.Pages = hash(pdf), int64(len(pdf)), pages
		if err := s.archive.Put(ctx, d.SHA256, pdf); err != nil {
			return nil, err
		}
	}
	return docs, nil
}

// Amend signs a new version of a meeting's minutes, which names the one it
// replaces and why, with the given cases decided anew; the plans follow the
// difference. It takes the chair of the team.
func (s *Service) Amend(ctx context.Context, a auth.Actor, m id.Meeting, reason string, ds []Decision) (Minutes, error) {
	const op = "minutes.Amend"
	reason = strings.TrimSpace(reason)
	var check fault.Check
	check.That(reason != "", "reason", "Écrivez la raison de la correction.")
	check.That(len([]rune(reason)) <= maxText, "reason", "Ce texte est trop long.")
	if err := check.Err(op); err != nil {
		return Minutes{}, err
	}
	full, err := s.meeting(ctx, a, m, "minutes.amend", auth.Chair)
	if err != nil {
		return Minutes{}, fault.Wrap(op, err)
	}
	if full.Meeting.Status != meetings.Signed || a.Professional == "" {
		return Minutes{}, fault.New(fault.Conflict, op, "Seul un compte rendu signé se corrige, par l’animateur.")
	}
	versions, err := s.store.MinutesOf(ctx, a.Org, m)
	if err != nil {
		return Minutes{}, fault.Wrap(op, err)
	}
	out, err := s.amend(ctx, a, full, versions[0], reason, ds)
	return out, fault.Wrap(op, err)
}

func (s *Service) amend(ctx context.Context, a auth.Actor, full meetings.Full, last Minutes, reason string, ds []Decision) (Minutes, error) {
	st, err := s.read(ctx, full)
	if err != nil {
		return Minutes{}, err
	}
	g := Signing{Correction: true, MeetingVersion: full.Meeting.Version, Seen: seen(st.decisions)}
	c := last.Content
	c.Cases = slices.Clone(c.Cases)
	c.Version, c.Replaces, c.ReplacesWhy = last.Version+1, last.SHA256, reason
	g.Minutes.Replaces, g.Minutes.Reason = last.ID, reason
	var touched []int
	for _, d := range ds {
		i := slices.IndexFunc(c.Cases, func(k Case) bool { return k.Case == d.Case })
		if i < 0 {
			return Minutes{}, fault.New(fault.Invalid, "minutes.amend", "Ce dossier n’est pas dans le compte rendu.")
		}
		if c.Cases[i].Decision, err = st.redecided(c.Cases[i], d, a.Name, s.now()); err != nil {
			return Minutes{}, err
		}
		touched = append(touched, i)
	}
	if err := c.complete(); err != nil {
		return Minutes{}, err
	}
	c = named(c)
	only := c
	only.Cases = nil
	for _, i := range touched {
		only.Cases = append(only.Cases, c.Cases[i])
		g.Decisions = append(g.Decisions, c.Cases[i].Decision)
	}
	g.Changes = Follow(only, st.files, full.Team.ReviewInterval)
	for _, i := range touched {
		g.Changes.takeBack(last.Content.Cases[i].Decision, c.Cases[i].Decision, st.files[c.Cases[i].Patient])
	}
	return s.freeze(ctx, a, full, c, g)
}

// redecided checks and completes a corrected decision; the quorum and the plan
// stay those of the meeting.
func (st state) redecided(k Case, d Decision, by string, now time.Time) (Decision, error) {
	i := slices.IndexFunc(st.items, func(l agenda.Item) bool { return l.ID == k.Case })
	if i < 0 {
		return d, fault.New(fault.NotFound, "minutes.amend", "Introuvable.")
	}
	r := record{line: st.items[i], full: st.full, file: st.files[k.Patient], decisions: st.decisions}
	if err := r.check(d).Err("minutes.amend"); err != nil {
		return d, err
	}
	old, known := r.known()
	if known && d.Version != old.Version {
		return d, fault.New(fault.Conflict, "minutes.amend", "Quelqu’un a modifié ceci entre-temps. Rechargez la page.")
	}
	version, was := d.Version, k.Decision
	d = r.complete(d, by, now)
	d.Quorum, d.Plan, d.Version = was.Quorum, was.Plan, version
	return d, nil
}
