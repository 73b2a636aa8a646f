package papers

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"path"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/rcp-care/rcp/agenda"
	"github.com/rcp-care/rcp/internal/audit"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/lang"
	"github.com/rcp-care/rcp/meetings"
)

// Cases decides who may see a case (agenda.Service).
type Cases interface {
	CaseFor(ctx context.Context, a auth.Actor, c id.Case, action string) (agenda.Item, error)
}

// Meetings reads the state of a case's meeting (the store).
type Meetings interface {
	MeetingByID(ctx context.Context, org id.Org, m id.Meeting) (meetings.Full, error)
}

// Config is what the service works with.
type Config struct {
	Store    Store
	Cases    Cases
	Meetings Meetings
	Folder   Folder
	Scanner  Scanner // nil: nothing is analysed, and the pages say so
	Now      func() time.Time
}

// Service is the rules around the documents.
type Service struct {
	Config
	turn chan struct{} // one document is taken apart at a time: a picture takes 100 MB
}

// NewService returns a service.
func NewService(c Config) *Service { return &Service{Config: c, turn: make(chan struct{}, 1)} }

// List is the documents of a case.
type List struct {
	Case    agenda.Item
	Papers  []Paper // of the case, in order; removed ones while they may be put back
	Earlier []Paper // of the patient's other cases in the team, newest first
	Open    bool    // documents may be added and removed
	Scans   bool    // there is a virus scanner
}

// Room is how many more documents the case takes.
func (l List) Room() int {
	n := MaxPerCase
	for _, p := range l.Papers {
		if p.Removed.IsZero() && p.Status != Refused {
			n--
		}
	}
	return max(n, 0)
}

// List returns the documents of a case, to who may see it.
func (s *Service) List(ctx context.Context, a auth.Actor, c id.Case) (List, error) {
	const op = "papers.List"
	item, err := s.Cases.CaseFor(ctx, a, c, "paper.list")
	if err != nil {
		return List{}, fault.Wrap(op, err)
	}
	out := List{Case: item, Scans: s.Scanner != nil}
	if out.Open, err = s.open(ctx, a, item); err != nil {
		return List{}, fault.Wrap(op, err)
	}
	all, err := s.Store.Papers(ctx, a.Org, item.Team, item.Patient.ID)
	if err != nil {
		return List{}, fault.Wrap(op, err)
	}
	for _, p := range all {
		switch {
		case !p.Removed.IsZero() && (p.Case != c || !out.Open):
		case p.Case == c:
			out.Papers = append(out.Papers, p)
		case p.Status != Refused:
			out.Earlier = append(out.Earlier, p)
		}
	}
	slices.Reverse(out.Earlier)
	return out, fault.Wrap(op, s.Store.Audit(ctx, s.change(a, "paper.list", item).InSpells()))
}

// open reports whether the case's meeting still takes documents.
func (s *Service) open(ctx context.Context, a auth.Actor, item agenda.Item) (bool, error) {
	full, err := s.Meetings.MeetingByID(ctx, a.Org, item.Meeting)
	return full.Meeting.Status != meetings.Signed && full.Meeting.Status != meetings.Cancelled, err
}

func (s *Service) change(a auth.Actor, action string, item agenda.Item) audit.Change {
	by := a.Change(s.Now(), action, "case", string(item.ID))
	by.Entry.Team, by.Entry.Patient = item.Team, item.Patient.ID
	return by
}

func (s *Service) paperChange(a auth.Actor, action string, p Paper) audit.Change {
	by := a.Change(s.Now(), action, "paper", string(p.ID))
	by.Entry.Team, by.Entry.Patient = p.Team, p.Patient
	return by
}

// Add takes a document into a case. What is refused is fault.Invalid, with the
// reason on the field "file"; a refusal is on record too. An empty title is a
// document without one.
func (s *Service) Add(ctx context.Context, a auth.Actor, c id.Case, title string, r io.Reader) (Paper, error) {
	const op = "papers.Add"
	item, err := s.Cases.CaseFor(ctx, a, c, "paper.add")
	if err != nil {
		return Paper{}, fault.Wrap(op, err)
	}
	raw, err := io.ReadAll(io.LimitReader(r, MaxSize+1))
	if err != nil {
		return Paper{}, fault.Wrap(op, err)
	}
	p := Paper{
		ID: id.New[id.Paper](), Org: a.Org, Team: item.Team, Case: c, Patient: item.Patient.ID, Title: CleanTitle(title),
		By: a.Professional, ByName: a.Name, At: s.Now(), Status: Unscanned, Version: 1,
	}
	by := s.paperChange(a, "paper.add", p)
	checked, err := s.inspect(ctx, raw)
	if err != nil {
		return Paper{}, s.reject(ctx, by, err)
	}
	sum := sha256.Sum256(checked.Bytes)
	p.Kind, p.Size, p.SHA256 = checked.Kind, int64(len(checked.Bytes)), hex.EncodeToString(sum[:])
	if err := s.judge(ctx, &p, checked.Bytes); err != nil {
		return Paper{}, s.reject(ctx, by, err)
	}
	if err := s.Folder.Put(ctx, p.SHA256, checked.Bytes); err != nil {
		return Paper{}, fault.Wrap(op, err)
	}
	by.Entry.Detail = string(p.Kind) + " sha256=" + p.SHA256
	p, err = s.Store.AddPaper(ctx, p, MaxPerCase, by)
	return p, fault.Wrap(op, err)
}

// inspect takes a document apart when no other is.
func (s *Service) inspect(ctx context.Context, raw []byte) (Checked, error) {
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
		return Inspect(raw)
	case <-ctx.Done():
		return Checked{}, fault.Wrap("papers.inspect", ctx.Err())
	}
}

// judge asks the scanner. When it does not answer the document waits for it.
func (s *Service) judge(ctx context.Context, p *Paper, b []byte) error {
	if s.Scanner == nil {
		return nil
	}
	found, err := s.Scanner.Scan(ctx, b)
	switch {
	case err != nil:
		p.Status = Checking
	case found != "":
		return refusal("virus", lang.Mark("L’antivirus a trouvé quelque chose dans ce fichier : il n’a pas été gardé. Prévenez votre service informatique."))
	default:
		p.Status, p.Judged = Clean, s.Now()
	}
	return nil
}

// reject puts a refusal on record and returns it.
func (s *Service) reject(ctx context.Context, by audit.Change, err error) error {
	var why *reason
	if !errors.As(err, &why) {
		return err
	}
	by.Entry.Outcome, by.Entry.Detail = audit.Refused, why.word
	if failed := s.Store.Audit(ctx, by); failed != nil {
		return fault.Wrap("papers.reject", failed)
	}
	return err
}

// Open returns a document and its bytes, to who may see its case.
func (s *Service) Open(ctx context.Context, a auth.Actor, which id.Paper) (Paper, []byte, error) {
	const op = "papers.Open"
	p, _, err := s.seen(ctx, a, which, "paper.read")
	if err != nil {
		return Paper{}, nil, fault.Wrap(op, err)
	}
	by := s.paperChange(a, "paper.read", p)
	if !p.OpensTo(a.Professional) {
		err := audit.Refuse(ctx, s.Store, op, by, closedWhy(p))
		return Paper{}, nil, err
	}
	b, err := s.Folder.Get(ctx, p.SHA256)
	if err != nil {
		return Paper{}, nil, fault.Wrap(op, err)
	}
	return p, b, fault.Wrap(op, s.Store.Audit(ctx, by))
}

func closedWhy(p Paper) string {
	switch {
	case !p.Removed.IsZero():
		return lang.Mark("Ce document a été retiré.")
	case p.Status == Refused:
		return lang.Mark("L’antivirus a refusé ce document.")
	}
	return lang.Mark("Ce document attend l’antivirus. Il s’ouvrira ensuite.")
}

// seen reads a document whose case the actor may see.
func (s *Service) seen(ctx context.Context, a auth.Actor, which id.Paper, action string) (Paper, agenda.Item, error) {
	p, err := s.Store.PaperByID(ctx, a.Org, which)
	if err != nil {
		return Paper{}, agenda.Item{}, err
	}
	item, err := s.Cases.CaseFor(ctx, a, p.Case, action)
	return p, item, err
}

// Remove takes a document away, by who added it or who prepares the meeting. It
// is kept, and may be put back until the minutes are signed.
func (s *Service) Remove(ctx context.Context, a auth.Actor, which id.Paper) (Paper, error) {
	return s.setRemoved(ctx, a, which, "paper.remove", true)
}

// Restore puts a removed document back.
func (s *Service) Restore(ctx context.Context, a auth.Actor, which id.Paper) (Paper, error) {
	return s.setRemoved(ctx, a, which, "paper.restore", false)
}

func (s *Service) setRemoved(ctx context.Context, a auth.Actor, which id.Paper, action string, removed bool) (Paper, error) {
	p, item, err := s.seen(ctx, a, which, action)
	if err != nil {
		return Paper{}, fault.Wrap(action, err)
	}
	by := s.paperChange(a, action, p)
	if !May(a, item, p) {
		return Paper{}, audit.Refuse(ctx, s.Store, action, by, lang.Mark("Seuls la personne qui a ajouté ce document, le secrétariat et l’animateur le retirent."))
	}
	if removed == !p.Removed.IsZero() {
		return p, nil
	}
	p.Removed, p.RemovedBy = time.Time{}, ""
	if removed {
		p.Removed, p.RemovedBy = s.Now(), a.Name
	}
	return p, fault.Wrap(action, s.Store.SaveRemoval(ctx, p, MaxPerCase, by))
}

// May reports whether the actor may remove a document of a case and put it back.
func May(a auth.Actor, item agenda.Item, p Paper) bool {
	return a.In(item.Team, auth.Secretary, auth.Chair) || a.Professional != "" && a.Professional == p.By
}

// TitleOf makes a title of a file's name: its last part, without the extension.
func TitleOf(file string) string {
	s := path.Base(strings.ReplaceAll(strings.TrimSpace(file), `\`, "/"))
	if s == "." || s == "/" {
		return ""
	}
	if ext := path.Ext(s); slices.Contains([]string{".pdf", ".png", ".jpg", ".jpeg"}, strings.ToLower(ext)) {
		s = strings.TrimSuffix(s, ext)
	}
	return CleanTitle(strings.ReplaceAll(s, "_", " "))
}

// CleanTitle keeps a title on one line, printable and bounded.
func CleanTitle(s string) string {
	s = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) && !unicode.IsSpace(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	s = strings.Join(strings.Fields(s), " ")
	if letters := []rune(s); len(letters) > MaxTitle {
		s = strings.TrimSpace(string(letters[:MaxTitle-1])) + "…"
	}
	return s
}
