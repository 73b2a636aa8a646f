// Package audit says who saw and did what, on which patient, when and from
// where. Entries are kept apart from the data, committed with the change they
// tell of, refusals included, and chained by hash per organisation so that an
// altered, missing or added entry shows. An entry holds ids and fixed words
// only, never a patient's data.
package audit

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/rcp-care/rcp/internal/event"
	"github.com/rcp-care/rcp/internal/id"
)

// Outcome of what was tried.
type Outcome string

// The outcomes.
const (
	Done    Outcome = "done"
	Refused Outcome = "refused"
)

// Entry is one line of the audit log. Seq, Prev and Hash are set by the store.
type Entry struct {
	ID        id.Entry
	Org       id.Org
	Seq       int64
	At        time.Time
	Actor     id.Professional // empty for a job
	ActorName string          // a professional's name, or the job's
	Origin    string          // remote address, "cli", "job:<name>"
	Action    string          // e.g. "patient.read", "minutes.sign"
	Object    string          // kind of thing: "patient", "meeting", …
	ObjectID  string
	Patient   id.Patient
	Team      id.Team
	Outcome   Outcome
	Detail    string // fixed words and numbers only
	Prev      string // hex SHA-256 of the entry before
	Hash      string // hex SHA-256 of this one, over Prev and every field
}

// Sum returns the hash of e over Prev and every other field but Hash.
func (e Entry) Sum() string {
	h := sha256.New()
	for _, f := range []string{
		e.Prev, string(e.ID), string(e.Org), fmt.Sprint(e.Seq), e.At.UTC().Format(time.RFC3339Nano),
		string(e.Actor), e.ActorName, e.Origin, e.Action, e.Object, e.ObjectID,
		string(e.Patient), string(e.Team), string(e.Outcome), e.Detail,
	} {
		fmt.Fprintf(h, "%d:%s", len(f), f)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Change is what is committed beside a change of state: one entry, and the
// events it causes.
type Change struct {
	Entry  Entry
	Events []event.Event
	Spell  bool // the entry stands for the same person's next ones: see InSpells
}

// Spell is how long an entry of InSpells stands for the same thing done again.
const Spell = 5 * time.Minute

// InSpells makes one entry stand for everything of its kind that the person
// does on the same object in the Spell that it opens: for what a screen reads
// or saves many times a minute. The entry says so. Nothing is ever added to an
// entry that was written.
func (c Change) InSpells() Change {
	c.Spell, c.Entry.Detail = true, strings.TrimSpace(c.Entry.Detail+" spell="+Spell.String())
	return c
}

// Same is what two entries of one spell have in common.
func (e Entry) Same() Entry {
	e.ID, e.Seq, e.At, e.Prev, e.Hash = "", 0, time.Time{}, "", ""
	return e
}

// Filter narrows a reading of the log. Zero fields do not narrow.
type Filter struct {
	Patient id.Patient
	Team    id.Team
	Actor   id.Professional
	Action  string
	From    time.Time
	To      time.Time
	Before  int64 // sequence number: entries older than it
	Limit   int
}

// maxDetail is the most bytes of a detail.
const maxDetail = 2000

// Clean keeps a detail on one line and bounded.
func Clean(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if len(s) > maxDetail {
		s = strings.ToValidUTF8(s[:maxDetail], "")
	}
	return s
}
