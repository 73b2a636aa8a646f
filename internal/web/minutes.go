package web

import (
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/lang"
	"github.com/rcp-care/rcp/meetings"
	"github.com/rcp-care/rcp/minutes"
	"github.com/rcp-care/rcp/notify"
)

// minutesView is the reading over of the minutes, then what was signed.
type minutesView struct {
	Base
	Form            // of the signature
	M               meetingHead
	From, To        time.Time
	Content         minutes.Content
	Seen, Carried   int
	Registered      int // of those seen, without discussion
	There           int
	Gaps            []gapRow
	Signable        bool
	Why             string // why it cannot be signed
	Recipients      []deliveryRow
	Counts          string
	Signer, RPPS    string
	Actions         int
	Cases           []sheetRow
	Signed          []minutes.Minutes       // newest first
	Changes         map[int][]versionChange // by version, against the one before
	Ask             bool                    // open the signature
	May             bool                    // read the register
	MayAmend        bool
	RecipientsShown bool
	Receipts        []receiptRow // of the version in force
}

type gapRow struct {
	Class, Word, Patient, What string
	Path                       string
	Case                       id.Case
	Again                      bool   // it may be carried over for want of its quorum
	Printed                    string // how it will read, in French
}

type deliveryRow struct {
	Name, Meta, Why, Share string
	State                  state
}

type sheetRow struct {
	Patient id.Patient
	Name    string
	Rank    int
	Apart   bool // registered without discussion
}

func (s *Server) minutesPage(r *request) error { return s.showMinutes(r, http.StatusOK, Form{}, false) }

// signPage is the same page with the signature asked, for who has no script.
func (s *Server) signPage(r *request) error { return s.showMinutes(r, http.StatusOK, Form{}, true) }

func (s *Server) showMinutes(r *request, status int, f Form, ask bool) error {
	full, err := s.meetingOf(r)
	if err != nil {
		return err
	}
	b, err := s.base(r, place{menu: "/meetings", team: full.Meeting.Team}, "Compte rendu")
	if err != nil {
		return err
	}
	view := &minutesView{Base: b, Form: f, M: s.head(r, full, "minutes"), Ask: ask, There: present(full)}
	view.May = r.actor.In(full.Meeting.Team, auth.Secretary, auth.Chair)
	if view.Signed, err = s.cfg.Minutes.OfMeeting(r.ctx(), r.actor, full.Meeting.ID); err != nil {
		return err
	}
	if err := s.fillMinutes(r, view, full); err != nil {
		return err
	}
	if r.Query("did") == "retry" {
		view.Toast = &Toast{Text: r.T("Le message repartira dans un instant.")}
	}
	return s.render(r, status, "minutes", view)
}

func present(full meetings.Full) int {
	n := 0
	for _, a := range full.Attendance {
		if a.Presence == meetings.Present || a.Presence == meetings.Remote {
			n++
		}
	}
	return n
}

// fillMinutes fills the view from the signed version, or from the project.
func (s *Server) fillMinutes(r *request, view *minutesView, full meetings.Full) error {
	if len(view.Signed) > 0 {
		view.Content, view.Changes = view.Signed[0].Content, changesOf(r.lang, view.Signed)
		view.MayAmend = r.actor.In(full.Meeting.Team, auth.Chair)
	} else {
		review, err := s.cfg.Minutes.Review(r.ctx(), r.actor, full.Meeting.ID)
		if err != nil {
			return err
		}
		view.Content, view.Signable = review.Content, review.Signable
		if review.Why != "" {
			view.Why = r.T(review.Why)
		}
		for _, g := range review.Gaps {
			view.Gaps = append(view.Gaps, newGap(r.lang, view.M, g))
		}
	}
	view.count(r, full)
	if len(view.Signed) > 0 {
		return s.fillReceipts(r, view)
	}
	return s.fillDeliveries(r, view)
}

func (v *minutesView) count(r *request, full meetings.Full) {
	loc := full.Meeting.Location()
	v.From, v.To = v.Content.Starts.In(loc), v.Content.Ends.In(loc)
	v.Seen, v.Carried = len(v.Content.Cases), len(v.Content.Deferred)
	for i, c := range v.Content.Cases {
		p := careplan.Patient{BirthFamily: c.BirthFamily, BirthGiven: c.BirthGiven}
		v.Cases = append(v.Cases, sheetRow{c.Patient, p.Name(), i + 1, c.Standard})
		v.Actions += len(c.Decision.Actions)
		if c.Standard {
			v.Registered++
		}
	}
	v.Signer = r.actor.Name
	for _, a := range full.Team.Members {
		if a.ID == r.actor.Professional {
			v.RPPS = a.RPPS
		}
	}
}

// Discussed is how many cases were.
func (v *minutesView) Discussed() int { return v.Seen - v.Registered }

// newGap says what is missing, with where to write it.
func newGap(l string, m meetingHead, g minutes.Gap) gapRow {
	row := gapRow{Class: "warn", Patient: g.Patient, What: g.Text(l), Path: m.Path("room", string(g.Case)) + "#decider", Case: g.Case, Printed: g.Printed()}
	switch g.Kind {
	case minutes.NoDecision:
		row.Class, row.Word = "bad", lang.T(l, "Sans décision")
	case minutes.NoVerdict:
		row.Class, row.Word = "bad", lang.T(l, "Sans verdict")
	case minutes.NoQuorum:
		row.Class, row.Word, row.Path = "bad", lang.T(l, "Sans quorum"), m.Path("attendance")
		row.Again = m.Leads && m.Is("running", "held")
		if g.Again {
			row.What = lang.T(l, "quorum non atteint : le dossier sera présenté de nouveau, aucun avis n’est rendu")
		}
	case minutes.NoProposition:
		row.Class, row.Word, row.Path = "bad", lang.T(l, "Sans référentiel"), m.Path()
	case minutes.NoOwner:
		row.Word = lang.T(l, "Sans responsable")
	case minutes.NoDue:
		row.Word = lang.T(l, "Sans échéance")
	case minutes.NoInformer:
		row.Word = lang.T(l, "À informer")
	default:
		row.Word = lang.T(l, "Sans réévaluation")
	}
	return row
}

// fillDeliveries says who gets what, to who may know it.
func (s *Server) fillDeliveries(r *request, v *minutesView) error {
	if s.cfg.Outbox == nil || !v.May {
		return nil
	}
	all, err := s.cfg.Outbox.Preview(r.ctx(), r.actor, v.Content)
	if err != nil {
		return err
	}
	v.RecipientsShown = true
	pdfs := 0
	hands := 0
	for _, d := range all {
		v.Recipients = append(v.Recipients, newDelivery(r.lang, d, v.Seen))
		switch {
		case d.Hand:
			hands++
		case d.Secure:
			pdfs++
		}
	}
	v.Counts = lang.N(r.lang, pdfs, "%d PDF", "%d PDF") + ", " + lang.N(r.lang, len(all)-pdfs-hands, "%d lien", "%d liens")
	if hands > 0 {
		v.Counts += ", " + lang.N(r.lang, hands, "%d à remettre autrement", "%d à remettre autrement")
	}
	return nil
}

func newDelivery(l string, d notify.Delivery, of int) deliveryRow {
	row := deliveryRow{Name: d.Who.Name(), Meta: professionName(l, d.Who.Profession), Why: d.Why}
	row.Share = lang.T(l, "%d sur %d", len(d.Patients), of)
	if l == lang.English {
		row.Why = d.WhyEnglish
	}
	why, _, _ := strings.Cut(row.Why, ";") // what follows is said by the state beside
	row.Why = sentence(why)
	row.State = state{"run", lang.T(l, "Lien, sans nom de patient")}
	if d.Hand {
		row.State = state{"warn", byHandWord(l, d)}
	} else if d.Secure {
		row.State = state{"ok", lang.T(l, "PDF, messagerie sécurisée")}
	}
	return row
}

// sentence begins with a capital and ends without a space.
func sentence(s string) string {
	s = strings.TrimSpace(s)
	r, size := utf8.DecodeRuneInString(s)
	if size == 0 {
		return s
	}
	return string(unicode.ToUpper(r)) + s[size:]
}

// signMinutes signs, after the password was given again.
func (s *Server) signMinutes(r *request) error {
	m, err := pathID[id.Meeting](r, "id")
	if err != nil {
		return err
	}
	if err := s.cfg.Minutes.MaySign(r.ctx(), r.actor, m); err != nil {
		return err
	}
	if err := s.cfg.Auth.Confirm(r.ctx(), r.actor, r.PostForm("password")); err != nil {
		return s.unsigned(r, err)
	}
	if _, err := s.cfg.Minutes.Sign(r.ctx(), r.actor, m, r.number("version")); err != nil {
		return err
	}
	return r.see("/meetings/" + string(m) + "/minutes")
}

// unsigned shows the signature again with what is wrong with the password.
func (s *Server) unsigned(r *request, err error) error {
	if fault.Is(err, fault.Limited) {
		f := Form{Errors: map[string]string{"password": faultText(r.lang, err)}, Fault: faultText(r.lang, err)}
		return s.showMinutes(r, http.StatusTooManyRequests, f, true)
	}
	if f, ok := refused(r, err); ok {
		f.Values.Del("password")
		return s.showMinutes(r, http.StatusUnprocessableEntity, f, true)
	}
	return err
}

// minutesPDF sends a document: the register, or with patient one's extract.
func (s *Server) minutesPDF(r *request) error {
	m, err := pathID[id.Meeting](r, "id")
	if err != nil {
		return err
	}
	version, err := strconv.Atoi(r.DefaultQuery("version", "0"))
	if err != nil || version < 0 {
		return fault.New(fault.NotFound, "web.minutesPDF", "")
	}
	kind, p := minutes.Register, id.Patient(r.Query("patient"))
	if p != "" {
		kind = minutes.Extract
		if !id.Valid(p) {
			return fault.New(fault.NotFound, "web.minutesPDF", "")
		}
	}
	pdf, name, err := s.cfg.Minutes.PDF(r.ctx(), r.actor, m, version, kind, p)
	if err != nil {
		return err
	}
	if err := s.opened(r, m, version); err != nil {
		return err
	}
	r.Header("Content-Disposition", `inline; filename="`+name+`"`)
	r.Data(http.StatusOK, "application/pdf", pdf)
	return nil
}
