package minutes

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/rcp-care/rcp/internal/id"
)

// Link is one signed version as it is stored, for verification.
type Link struct {
	ID       id.Minutes
	Meeting  id.Meeting
	Version  int
	Seq      int
	JSON     []byte // the frozen content, byte for byte
	SHA256   string
	Previous string
}

// Trace is a signature as the audit log tells of it.
type Trace struct {
	Seq    int
	SHA256 string
}

// Finding is something that was altered or is missing. It names things by id
// and number, never a patient.
type Finding struct {
	What string // altered or missing
	Text string // in English: for the operator
}

// The kinds of finding.
const (
	Altered = "altered"
	Missing = "missing"
)

// CheckChain verifies the chain of one team's minutes, in the order of their
// numbers, against itself and against the audit log: every version is what was
// hashed, names the hash of the one before, and stands at the number that
// follows; every signature that was logged is there, and no other.
func CheckChain(links []Link, traces []Trace) []Finding {
	var c chainCheck
	for _, l := range links {
		c.next(l)
	}
	for _, t := range traces {
		c.traced(t, links)
	}
	for _, l := range links {
		if !slices.Contains(traces, Trace{l.Seq, l.SHA256}) {
			c.add(Altered, "minutes number %d (%s) are not those that the audit log says were signed", l.Seq, l.ID)
		}
	}
	return c.found
}

type chainCheck struct {
	seq   int
	head  string
	found []Finding
}

func (c *chainCheck) add(what, format string, args ...any) {
	c.found = append(c.found, Finding{what, fmt.Sprintf(format, args...)})
}

func (c *chainCheck) next(l Link) {
	whole := true
	for c.seq++; c.seq < l.Seq; c.seq++ {
		c.add(Missing, "minutes number %d", c.seq)
		whole = false
	}
	c.seq = l.Seq
	c.content(l)
	if whole && l.Previous != c.head {
		c.add(Altered, "minutes number %d (%s) do not follow number %d", l.Seq, l.ID, l.Seq-1)
	}
	c.head = l.SHA256
}

// content compares the frozen text with its hash, and with the row beside it.
func (c *chainCheck) content(l Link) {
	if hash(l.JSON) != l.SHA256 {
		c.add(Altered, "the text of minutes number %d (%s) is not the one that was signed", l.Seq, l.ID)
		return
	}
	var said Content
	if err := json.Unmarshal(l.JSON, &said); err != nil {
		c.add(Altered, "the text of minutes number %d (%s) cannot be read", l.Seq, l.ID)
		return
	}
	if said.Previous != l.Previous || said.Version != l.Version || said.Meeting != l.Meeting {
		c.add(Altered, "minutes number %d (%s) are filed under another meeting, version or predecessor than their text says", l.Seq, l.ID)
	}
}

// traced looks for a logged signature whose number no version has: a missing
// end shows in no chain. A number with another hash is told as altered.
func (c *chainCheck) traced(t Trace, links []Link) {
	there := slices.ContainsFunc(links, func(l Link) bool { return l.Seq == t.Seq })
	if !there && t.Seq > c.seq {
		c.add(Missing, "minutes number %d, signed according to the audit log", t.Seq)
	}
}
