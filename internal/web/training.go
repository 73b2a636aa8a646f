package web

import (
	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/auth"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/meetings"
)

// training reports whether the address is of a training team: of itself, or of
// one of its meetings, cases, requests or patients.
func (s *Server) training(r *request) (bool, error) {
	var ids []string
	for _, p := range r.Params {
		if id.Valid(p.Value) {
			ids = append(ids, p.Value)
		}
	}
	for _, name := range []string{"team", "patient", "meeting", "case"} {
		if v := r.Query(name); id.Valid(v) {
			ids = append(ids, v)
		}
	}
	return s.cfg.Meetings.Training(r.ctx(), r.actor.Org, ids...)
}

// makeFictional gives a training team its invented patients, with its members
// around them.
func (s *Server) makeFictional(r *request) error {
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
	if !t.Training {
		return fault.New(fault.NotFound, "web.makeFictional", "")
	}
	if _, err := s.cfg.Patients.MakeFictional(r.ctx(), r.actor, tid, circleOf(s.members(t))); err != nil {
		return err
	}
	return r.see("/teams/" + string(tid) + "#formation")
}

// bare reports whether a training team has no patients yet.
func (s *Server) bare(r *request, t id.Team) (bool, error) {
	has, err := s.cfg.Patients.Followed(r.ctx(), r.actor, t)
	return !has, err
}

// circleOf names the members as an import does.
func circleOf(members []meetings.Member) []careplan.SourceProfessional {
	var all []careplan.SourceProfessional
	for _, m := range members {
		k := careplan.Key{System: "urn:rpps", Value: m.RPPS}
		if m.RPPS == "" {
			k = careplan.Key{System: careplan.SystemEmail, Value: auth.Fold(m.Email)}
		}
		all = append(all, careplan.SourceProfessional{Key: k})
	}
	return all
}
