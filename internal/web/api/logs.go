package api

import (
	"context"
	"strconv"
	"time"

	"github.com/rcp-care/rcp/internal/audit"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
	"github.com/rcp-care/rcp/notify"
)

func (s *server) logRoutes() {
	add(s, get("/outbox", "list-outbox", "Mails that wait, left or failed, newest first"), s.listOutbox)
	add(s, get("/audit", "list-audit", "Who saw and did what, newest first: for administrators, and for secretaries naming their team"), s.listAudit)
}

// message is one mail of the outbox, without its text.
type message struct {
	ID        id.Message      `json:"id"`
	Kind      notify.Kind     `json:"kind"`
	Team      id.Team         `json:"team,omitempty"`
	Meeting   id.Meeting      `json:"meeting,omitempty"`
	Recipient id.Professional `json:"recipient,omitempty"`
	Address   string          `json:"address"`
	Secure    bool            `json:"secure" doc:"An address of secure messaging."`
	MessageID string          `json:"message_id"`
	Subject   string          `json:"subject"`
	Status    notify.Status   `json:"status" enum:"waiting,sending,sent,dead,cancelled"`
	Attempts  int             `json:"attempts"`
	NextTry   time.Time       `json:"next_try,omitzero"`
	LastError string          `json:"last_error,omitempty"`
	Created   time.Time       `json:"created"`
	Sent      time.Time       `json:"sent,omitzero"`
}

func messageOf(m notify.Message) message {
	return message{
		ID: m.ID, Kind: m.Kind, Team: m.Team, Meeting: m.Meeting, Recipient: m.Recipient, Address: m.Address, Secure: m.Secure,
		MessageID: m.MessageID, Subject: m.Subject, Status: m.Status, Attempts: m.Attempts, NextTry: m.NextTry,
		LastError: m.LastError, Created: m.Created.UTC(), Sent: m.Sent,
	}
}

type outboxQuery struct {
	Paging
	Status notify.Status `query:"status" enum:"waiting,sending,sent,dead,cancelled"`
}

func (s *server) listOutbox(ctx context.Context, c caller, in *outboxQuery) (page[message], error) {
	found, next, err := s.cfg.Outbox.List(ctx, c.Actor, in.Status, in.Cursor, in.Limit)
	return listed(found, next, messageOf), err
}

// entry is one line of the audit log.
type entry struct {
	ID       id.Entry        `json:"id"`
	Seq      int64           `json:"seq"`
	At       time.Time       `json:"at"`
	Actor    id.Professional `json:"actor,omitempty"`
	Name     string          `json:"actor_name"`
	Origin   string          `json:"origin"`
	Action   string          `json:"action"`
	Object   string          `json:"object"`
	ObjectID string          `json:"object_id,omitempty"`
	Patient  id.Patient      `json:"patient,omitempty"`
	Team     id.Team         `json:"team,omitempty"`
	Outcome  audit.Outcome   `json:"outcome" enum:"done,refused"`
	Detail   string          `json:"detail,omitempty"`
	Prev     string          `json:"prev" doc:"SHA-256 of the entry before."`
	Hash     string          `json:"hash" doc:"SHA-256 of this one."`
}

func entryOf(e audit.Entry) entry {
	return entry{
		ID: e.ID, Seq: e.Seq, At: e.At.UTC(), Actor: e.Actor, Name: e.ActorName, Origin: e.Origin, Action: e.Action, Object: e.Object,
		ObjectID: e.ObjectID, Patient: e.Patient, Team: e.Team, Outcome: e.Outcome, Detail: e.Detail, Prev: e.Prev, Hash: e.Hash,
	}
}

type auditQuery struct {
	Paging
	Patient string `query:"patient" maxLength:"40"`
	Team    string `query:"team" maxLength:"40"`
	Actor   string `query:"actor" maxLength:"40"`
	Action  string `query:"action" maxLength:"60"`
	From    string `query:"from" maxLength:"40" doc:"An instant, or a day."`
	To      string `query:"to" maxLength:"40" doc:"Before the instant, or on or before the day."`
}

// filter reads the query; it asks for one entry more than the page holds.
func (in *auditQuery) filter(zone *time.Location) (audit.Filter, error) {
	f := audit.Filter{
		Patient: id.Patient(in.Patient), Team: id.Team(in.Team), Actor: id.Professional(in.Actor), Action: in.Action, Limit: in.Limit + 1,
	}
	var err error
	if f.From, err = bound("from", in.From, zone, 0); err != nil {
		return f, err
	}
	if f.To, err = bound("to", in.To, zone, 1); err != nil {
		return f, err
	}
	if in.Cursor != "" {
		f.Before, err = strconv.ParseInt(in.Cursor, 10, 64)
	}
	var c fault.Check
	c.That(err == nil, "cursor", "Cette valeur n’est pas admise.")
	return f, c.Err("api.auditQuery")
}

// listAudit reads one entry more than the page holds, to know of a next one.
func (s *server) listAudit(ctx context.Context, c caller, in *auditQuery) (page[entry], error) {
	f, err := in.filter(s.cfg.Zone)
	if err != nil {
		return page[entry]{}, err
	}
	found, err := s.cfg.Audit.Entries(ctx, c.Actor, f)
	if err != nil {
		return page[entry]{}, err
	}
	next := ""
	if len(found) > in.Limit {
		found = found[:in.Limit]
		next = strconv.FormatInt(found[len(found)-1].Seq, 10)
	}
	return listed(found, next, entryOf), nil
}
