// Package fault is how every layer says that something failed and why it
// matters to the caller: a kind, the operation, and for invalid input every
// field with its message. Domain code returns faults; only the edge (pages,
// API, command line) turns them into words, so a fault's text is for logs and
// never holds patient data.
package fault

import (
	"errors"
	"fmt"
)

// Kind says what the caller can do about a fault.
type Kind uint8

// The kinds; each maps to one HTTP status and one exit code.
const (
	Internal        Kind = iota // our fault: nothing the caller can do
	Invalid                     // the input is wrong: see Fields
	NotFound                    // no such thing, or not visible to this actor
	Conflict                    // somebody changed it first, or the state forbids it
	Forbidden                   // known actor, not allowed
	Unauthenticated             // unknown actor
	Limited                     // too many tries: wait
)

var names = [...]string{"internal", "invalid", "not found", "conflict", "forbidden", "unauthenticated", "limited"}

func (k Kind) String() string { return names[k] }

// Field is one refused input: Name is the form or JSON name, Code a stable
// key that the edge turns into a sentence (see internal/lang).
type Field struct {
	Name string
	Code string
	Args []any
}

// Error is a fault. Code, when set, is a stable key for the edge's sentence.
type Error struct {
	Kind   Kind
	Op     string
	Code   string
	Args   []any
	Fields []Field
	Err    error
}

func (e *Error) Error() string {
	s := e.Op + ": " + e.Kind.String()
	if e.Code != "" {
		s += " (" + e.Code + ")"
	}
	for _, f := range e.Fields {
		s += " " + f.Name + "=" + f.Code
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

func (e *Error) Unwrap() error { return e.Err }

// New makes a fault of a kind. The code is the French source sentence that
// the edge shows, translated by internal/lang; args fill its verbs.
func New(kind Kind, op, code string, args ...any) *Error {
	return &Error{Kind: kind, Op: op, Code: code, Args: args}
}

// Wrap adds the operation to err and keeps its kind. It returns nil for nil.
func Wrap(op string, err error) error {
	if err == nil {
		return nil
	}
	var e *Error
	if errors.As(err, &e) {
		return &Error{Kind: e.Kind, Op: op, Code: e.Code, Args: e.Args, Fields: e.Fields, Err: err}
	}
	return &Error{Kind: Internal, Op: op, Err: err}
}

// KindOf returns the kind of err; an error that is no fault is Internal.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Internal
}

// Is reports whether err is a fault of the kind.
func Is(err error, kind Kind) bool { return err != nil && KindOf(err) == kind }

// Fields returns the refused fields of err, or nil.
func Fields(err error) []Field {
	var e *Error
	if errors.As(err, &e) {
		return e.Fields
	}
	return nil
}

// Check gathers the errors of a whole input, so that the user sees them all.
type Check struct{ fields []Field }

// That notes a refused field when ok is false.
func (c *Check) That(ok bool, name, code string, args ...any) {
	if !ok {
		c.fields = append(c.fields, Field{Name: name, Code: code, Args: args})
	}
}

// Err returns one Invalid fault with every refused field, or nil.
func (c *Check) Err(op string) error {
	if len(c.fields) == 0 {
		return nil
	}
	return &Error{Kind: Invalid, Op: op, Fields: c.fields, Code: "Certains champs sont à corriger."}
}

// Errorf is an internal fault with a formatted cause.
func Errorf(op, format string, args ...any) error {
	return &Error{Kind: Internal, Op: op, Err: fmt.Errorf(format, args...)}
}
