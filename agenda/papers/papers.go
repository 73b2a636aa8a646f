// Package papers keeps the documents that people add to a case while it is
// prepared: a letter, a report, a photograph. PDF, PNG and JPEG are taken, by
// what they are and not by what they are called.
//
// What always holds: a picture is decoded and written anew, so that nothing but
// its pixels is kept (no place, no camera, no hidden file); a PDF that could run
// something, carries files or cannot be looked into is refused, and the person
// is told why; a document is opened by others only once the virus scanner, when
// there is one, has judged it; the bytes are in the folder before the row that
// names them is; after the signature nothing is added, removed or put back. A
// document belongs to its case, so to the patient's file, and is kept as long.
//
// Who may see a case is decided by agenda.
package papers

import (
	"context"
	"fmt"
	"time"

	"github.com/rcp-care/rcp/internal/audit"
	"github.com/rcp-care/rcp/internal/id"
)

// Limits of what is taken.
const (
	MaxSize    = 20 << 20   // bytes of one document
	MaxPerCase = 20         // documents of one case, those removed not counted
	MaxPixels  = 25_000_000 // of a picture: a page scanned at 400 dpi has 15 million
	MaxSide    = 20_000     // pixels of a picture's longer side
	MaxTitle   = 120        // characters
)

// Kind is what a document is.
type Kind string

// The kinds.
const (
	PDF  Kind = "pdf"
	PNG  Kind = "png"
	JPEG Kind = "jpeg"
)

// Type returns the media type.
func (k Kind) Type() string {
	if k == PDF {
		return "application/pdf"
	}
	return "image/" + string(k)
}

// Status says what the virus scanner answered.
type Status string

// The states. A checking document becomes one of the three others; an unscanned
// one is analysed when a scanner is set.
const (
	Checking  Status = "checking"  // the scanner has not answered yet
	Unscanned Status = "unscanned" // there is no scanner
	Clean     Status = "clean"
	Refused   Status = "refused" // the scanner found something: the bytes are gone
)

// Paper is a document of a case.
type Paper struct {
	ID        id.Paper
	Org       id.Org
	Team      id.Team
	Case      id.Case
	Patient   id.Patient
	N         int // from 1 in its case; set by the store
	Title     string
	Kind      Kind
	Size      int64 // bytes, as kept
	SHA256    string
	By        id.Professional
	ByName    string
	At        time.Time
	Status    Status
	Judged    time.Time // when the scanner answered
	Removed   time.Time // zero: it is there
	RemovedBy string
	Version   int
}

// Name is what the file is called where it is sent: nothing of the patient.
func (p Paper) Name() string {
	ext := string(p.Kind)
	if p.Kind == JPEG {
		ext = "jpg"
	}
	return fmt.Sprintf("document-%d.%s", p.N, ext)
}

// OpensTo reports whether somebody who sees the case may open it: its own author while it waits for the
// scanner, everybody who sees the case afterwards, nobody once it is refused.
func (p Paper) OpensTo(who id.Professional) bool {
	switch p.Status {
	case Clean, Unscanned:
		return p.Removed.IsZero()
	case Checking:
		return p.Removed.IsZero() && p.By == who && who != ""
	}
	return false
}

// Store is what the service needs of the database. Each writing method is one
// transaction: the row and the audit entry.
type Store interface {
	// Papers reads the documents of a patient's cases in a team, newest last.
	Papers(ctx context.Context, org id.Org, team id.Team, p id.Patient) ([]Paper, error)
	PaperByID(ctx context.Context, org id.Org, p id.Paper) (Paper, error)
	// AddPaper inserts and numbers a document: fault.Conflict when the meeting is
	// signed or cancelled, the case has the same one or most already.
	AddPaper(ctx context.Context, p Paper, most int, by audit.Change) (Paper, error)
	// SaveRemoval removes or puts back, under the same rules.
	SaveRemoval(ctx context.Context, p Paper, most int, by audit.Change) error
	// JudgePaper keeps what the scanner answered, whatever the meeting's state.
	JudgePaper(ctx context.Context, p Paper, by audit.Change) error
	// WaitingPapers reads, oldest first and of every organisation, those in one of the states.
	WaitingPapers(ctx context.Context, states []Status, limit int) ([]Paper, error)
	Audit(ctx context.Context, by audit.Change) error
}

// Folder keeps bytes by their SHA-256 (internal/archive).
type Folder interface {
	Put(ctx context.Context, sha string, b []byte) error
	Get(ctx context.Context, sha string) ([]byte, error)
	Drop(ctx context.Context, sha string) error
}

// Scanner looks for viruses (internal/clamd). Found is the virus's name, empty
// when there is none. An error that is Unreachable concerns every document.
type Scanner interface {
	Scan(ctx context.Context, b []byte) (found string, err error)
}
