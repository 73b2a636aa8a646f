package web

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/rcp-care/rcp/careplan/protocol"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/internal/lang"
	"github.com/rcp-care/rcp/meetings"
)

// protocolsView is what a team keeps, and what is shipped to adopt.
type protocolsView struct {
	Base
	Team     meetings.Team
	May      bool // change them
	Own      []protocolRow
	Archived []protocolRow
	Shipped  []protocolRow // not adopted yet
}

type protocolRow struct {
	protocol.Protocol
	Word string // the field of care
}

func (s *Server) protocols(r *request) error {
	t, err := s.teamOf(r)
	if err != nil {
		return err
	}
	own, err := s.cfg.Protocols.List(r.ctx(), r.actor, t.ID)
	if err != nil {
		return err
	}
	shipped, err := protocol.Shipped()
	if err != nil {
		return err
	}
	b, err := s.base(r, place{menu: "/teams", team: t.ID}, "Protocoles")
	if err != nil {
		return err
	}
	v := &protocolsView{Base: b, Team: t, May: leads(r.actor, t.ID)}
	for _, p := range own {
		p.Saved.At = p.Saved.At.In(zoneOf(t))
		row := protocolRow{p, fieldWord(r.lang, p.Field)}
		if p.Archived {
			v.Archived = append(v.Archived, row)
		} else {
			v.Own = append(v.Own, row)
		}
	}
	for _, p := range shipped {
		if !slices.ContainsFunc(own, func(o protocol.Protocol) bool { return o.Key == p.Key }) {
			v.Shipped = append(v.Shipped, protocolRow{p, fieldWord(r.lang, p.Field)})
		}
	}
	return s.render(r, http.StatusOK, "protocols", v)
}

// teamOf is the team of the path.
func (s *Server) teamOf(r *request) (meetings.Team, error) {
	tid, err := pathID[id.Team](r, "id")
	if err != nil {
		return meetings.Team{}, err
	}
	return s.cfg.Meetings.Team(r.ctx(), r.actor, tid)
}

// leads reports whether somebody is the team's secretary or chair.
func leads(a auth.Actor, t id.Team) bool { return a.In(t, auth.Secretary, auth.Chair) }

func fieldWord(l string, f protocol.Field) string {
	switch f {
	case protocol.Geriatrics:
		return lang.T(l, "Gériatrie")
	case protocol.Palliative:
		return lang.T(l, "Soins palliatifs")
	case protocol.OralHealth:
		return lang.T(l, "Santé bucco-dentaire")
	case protocol.Chronic:
		return lang.T(l, "Maladie chronique")
	case protocol.Rehabilitation:
		return lang.T(l, "Réadaptation")
	case protocol.ChildDisability:
		return lang.T(l, "Handicap de l’enfant")
	}
	return string(f)
}

// protocolView is a version of a protocol to read, shipped or the team's.
type protocolView struct {
	Base
	Team    meetings.Team
	P       protocol.Protocol
	Field   string
	May     bool
	Goals   []protocolGoal
	Tasks   []protocol.Action // of the whole plan
	History []versionRow      // newest first; none of a shipped one
	Current int
	From    int // compared with, when differences are shown
	Changes []changeRow
}

type protocolGoal struct {
	protocol.Objective
	Tasks []protocol.Action
}

type versionRow struct {
	protocol.Saved
	Shown bool
}

func (s *Server) shippedProtocol(r *request) error {
	t, err := s.teamOf(r)
	if err != nil {
		return err
	}
	p, err := protocol.ShippedByKey(r.Param("key"))
	if err != nil {
		return err
	}
	return s.showProtocol(r, t, protocol.Full{Protocol: p})
}

func (s *Server) protocol(r *request) error {
	t, full, err := s.teamProtocol(r, queryNumber(r, "version"))
	if err != nil {
		return err
	}
	return s.showProtocol(r, t, full)
}

func queryNumber(r *request, name string) int {
	n, err := strconv.Atoi(r.Query(name))
	if err != nil {
		return 0
	}
	return max(n, 0)
}

// teamProtocol is the protocol of the path, when it is the team's of the path.
func (s *Server) teamProtocol(r *request, version int) (t meetings.Team, full protocol.Full, err error) {
	p, err := pathID[id.Protocol](r, "protocol")
	if err != nil {
		return t, full, err
	}
	if t, err = s.teamOf(r); err != nil {
		return t, full, err
	}
	if full, err = s.cfg.Protocols.Read(r.ctx(), r.actor, p, version); err != nil {
		return t, full, err
	}
	if full.Team != t.ID {
		return t, full, fault.New(fault.NotFound, "web.protocol", "")
	}
	return t, full, nil
}

func (s *Server) showProtocol(r *request, t meetings.Team, full protocol.Full) error {
	b, err := s.base(r, place{menu: "/teams", team: t.ID}, "Protocole")
	if err != nil {
		return err
	}
	v := &protocolView{Base: b, Team: t, P: full.Protocol, Field: fieldWord(r.lang, full.Field), May: leads(r.actor, t.ID)}
	v.arrange()
	for _, h := range full.History {
		h.At = h.At.In(zoneOf(t))
		v.History = append(v.History, versionRow{h, h.Version == full.Version})
	}
	if len(full.History) > 0 {
		v.Current = full.Current()
	}
	if v.From = queryNumber(r, "from"); v.From > 0 {
		was, err := s.cfg.Protocols.Read(r.ctx(), r.actor, full.ID, v.From)
		if err != nil {
			return err
		}
		v.Changes = changeRows(r.lang, protocol.Compare(was.Protocol, full.Protocol))
	}
	v.Toast = protocolToast(r)
	return s.render(r, http.StatusOK, "protocol", v)
}

// arrange puts each action under its objective.
func (v *protocolView) arrange() {
	for _, o := range v.P.Objectives {
		v.Goals = append(v.Goals, protocolGoal{Objective: o})
	}
	for _, a := range v.P.Actions {
		if a.Objective >= 0 && a.Objective < len(v.Goals) {
			v.Goals[a.Objective].Tasks = append(v.Goals[a.Objective].Tasks, a)
		} else {
			v.Tasks = append(v.Tasks, a)
		}
	}
}

func protocolToast(r *request) *Toast {
	switch r.Query("did") {
	case "adopt":
		return &Toast{Text: r.T("Le protocole est à l’équipe : modifiez-le comme elle travaille.")}
	case "save":
		return &Toast{Text: r.T("La nouvelle version est enregistrée. Les plans déjà faits gardent la leur.")}
	case "archive":
		return &Toast{Text: r.T("Le protocole est archivé. Les plans faits avec lui restent.")}
	case "restore":
		return &Toast{Text: r.T("Le protocole sert de nouveau.")}
	}
	return nil
}

func (s *Server) adoptProtocol(r *request) error {
	t, err := s.teamOf(r)
	if err != nil {
		return err
	}
	p, err := s.cfg.Protocols.Adopt(r.ctx(), r.actor, t.ID, r.text("key"))
	if err != nil {
		return err
	}
	return r.see("/teams/" + string(t.ID) + "/protocols/" + string(p.ID) + "?did=adopt")
}

func (s *Server) archiveProtocol(r *request) error {
	t, full, err := s.teamProtocol(r, 0)
	if err != nil {
		return err
	}
	archived, did := r.text("archived") != "", "restore"
	if archived {
		did = "archive"
	}
	if err := s.cfg.Protocols.Archive(r.ctx(), r.actor, full.ID, archived); err != nil {
		return err
	}
	return r.see("/teams/" + string(t.ID) + "/protocols/" + string(full.ID) + "?did=" + did)
}

// changeRow is a difference in words.
type changeRow struct {
	State state // added, removed, changed
	What  string
	Title string
	Was   string
	Now   string
}

func changeRows(l string, all []protocol.Difference) []changeRow {
	rows := make([]changeRow, len(all))
	for i, d := range all {
		rows[i] = changeRow{State: changeState(l, d.Kind), What: partWord(l, d.Part), Title: d.Title, Was: valueWord(l, d, d.Was), Now: valueWord(l, d, d.Now)}
		if d.Of != "" {
			rows[i].What += ", " + partWord(l, d.Of)
		}
	}
	return rows
}

func changeState(l string, k protocol.Kind) state {
	switch k {
	case protocol.Added:
		return state{"ok", lang.T(l, "Ajouté")}
	case protocol.Removed:
		return state{"off", lang.T(l, "Retiré")}
	}
	return state{"run", lang.T(l, "Modifié")}
}

func partWord(l, part string) string {
	words := map[string]string{
		"name": lang.T(l, "Nom"), "field": lang.T(l, "Domaine de soins"), "source": lang.T(l, "Référence"), "note": lang.T(l, "Note"),
		"review": lang.T(l, "Réévaluation"), "professions": lang.T(l, "professions"), "objective": lang.T(l, "Objectif"), "action": lang.T(l, "Action"),
		"checklist": lang.T(l, "À préparer"), "domain": lang.T(l, "domaine"), "expected": lang.T(l, "résultat attendu"),
		"due": lang.T(l, "échéance"), "profession": lang.T(l, "profession"),
	}
	return words[part]
}

// valueWord puts a stored key or number into words.
func valueWord(l string, d protocol.Difference, v string) string {
	n, _ := strconv.Atoi(v)
	switch {
	case d.Kind != protocol.Changed:
		return ""
	case v == "" || d.Of == "due" && n == 0:
		return lang.T(l, "rien")
	case d.Part == "field":
		return fieldWord(l, protocol.Field(v))
	case d.Part == "review" || d.Part == "action" && d.Of == "due":
		return lang.N(l, n, "%d jour", "%d jours")
	case d.Of == "due":
		return lang.N(l, n, "%d semaine", "%d semaines")
	case d.Part == "professions" || d.Of == "professions" || d.Of == "profession":
		keys := strings.Split(v, ",")
		for i, k := range keys {
			keys[i] = professionName(l, k)
		}
		return strings.Join(keys, ", ")
	}
	return v
}
