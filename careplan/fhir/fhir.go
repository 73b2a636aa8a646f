// Package fhir reads FHIR R4 in JSON (a Bundle or one resource, gzip or not)
// into a careplan.Batch: Synthea bundles, the French "projet personnalisé" of
// the ANS (IG Transfert de données DUI, TDDUI), French core patients and care
// circles, and what other software makes of the same resources.
//
// What always holds: one entry that cannot be used is refused with its reason
// and its place, and the rest is read; a reason never repeats what the entry
// says; nothing is hung on a person whom the entry's own identifier, its
// subject and its objective do not all allow.
//
// Matching with what RCP already has is left to the store.
package fhir

import (
	"bufio"
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"slices"

	"github.com/rcp-care/rcp/careplan"
	"github.com/rcp-care/rcp/internal/fault"
)

// Limits bound what an input may cost. A zero field takes its default.
type Limits struct {
	Bytes   int64 // once decompressed; default 64 MiB
	Depth   int   // of nested objects and arrays; default 64
	Entries int   // of a bundle; default 50,000
}

func (l Limits) orDefault() Limits {
	return Limits{
		Bytes:   cmp.Or(l.Bytes, 64<<20),
		Depth:   cmp.Or(l.Depth, 64),
		Entries: cmp.Or(l.Entries, 50_000),
	}
}

// Read reads one input. file names it in the report. The error is a
// fault.Invalid when the whole input cannot be used; what is wrong with single
// entries stands in the batch.
func Read(r io.Reader, file string, limits Limits) (careplan.Batch, error) {
	limits = limits.orDefault()
	raw, err := readAll(r, limits.Bytes)
	if err != nil {
		return careplan.Batch{}, err
	}
	if err := checkDepth(raw, limits.Depth); err != nil {
		return careplan.Batch{}, err
	}
	in := newReader(file)
	if err := in.load(raw, limits.Entries); err != nil {
		return careplan.Batch{}, err
	}
	in.readAll()
	return in.finish(), nil
}

func invalid(code string, args ...any) error {
	return fault.New(fault.Invalid, "fhir.Read", code, args...)
}

var errUnread = errors.New("unreadable input")

// readAll returns the input decompressed and without byte order mark.
func readAll(r io.Reader, limit int64) ([]byte, error) {
	br := bufio.NewReader(r)
	var src io.Reader = br
	if magic, _ := br.Peek(2); bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		gz, err := gzip.NewReader(br)
		if err != nil {
			return nil, invalid("Le fichier compressé est abîmé.")
		}
		src = gz
	}
	raw, err := io.ReadAll(io.LimitReader(src, limit+1))
	switch {
	case int64(len(raw)) > limit:
		return nil, invalid("Le fichier dépasse %d\u00a0Mio une fois décompressé.", limit>>20)
	case src != br && err != nil:
		return nil, invalid("Le fichier compressé est abîmé.")
	case err != nil:
		return nil, &fault.Error{Kind: fault.Internal, Op: "fhir.Read", Err: errUnread}
	}
	return bytes.TrimPrefix(raw, []byte("\ufeff")), nil
}

// checkDepth refuses nesting that no FHIR resource needs, before any parsing.
func checkDepth(raw []byte, limit int) error {
	depth, inString, escaped := 0, false, false
	for _, c := range raw {
		switch {
		case escaped:
			escaped = false
		case inString:
			escaped, inString = c == '\\', c != '"'
		case c == '"':
			inString = true
		case c == '{', c == '[':
			if depth++; depth > limit {
				return invalid("Le fichier est imbriqué trop profondément.")
			}
		case c == '}', c == ']':
			depth--
		}
	}
	return nil
}

// reader holds one input while it is read.
type reader struct {
	file    string
	entries []*entry
	byURL   map[string]*entry
	byRef   map[string]*entry // "Type/id"; nil when two entries claim it
	byIdent map[identRef]*entry

	patients   map[*entry]*person
	plans      map[*entry]*plan
	objectives map[*entry]*objective
	keys       map[careplan.Key]bool // of plans, objectives, actions and events

	batch careplan.Batch
	order []*plan // in input order: what becomes batch.Plans
	known []*person
}

func newReader(file string) *reader {
	return &reader{
		file: file, byURL: map[string]*entry{}, byRef: map[string]*entry{}, byIdent: map[identRef]*entry{},
		patients: map[*entry]*person{}, plans: map[*entry]*plan{}, objectives: map[*entry]*objective{},
		keys:  map[careplan.Key]bool{},
		batch: careplan.Batch{Ignored: map[string]int{}},
	}
}

// readAll treats the types in the order of what they need of each other.
func (in *reader) readAll() {
	steps := map[string]func(*entry){
		"Practitioner": in.readPractitioner, "Patient": in.readPatient, "CarePlan": in.readPlan,
		"Goal": in.readGoal, "Task": in.readTask, "CareTeam": in.readCareTeam,
		"Consent": in.readConsent, "Encounter": in.readEncounter,
	}
	for _, typ := range []string{"Practitioner", "Patient", "CarePlan", "Goal", "Task", "CareTeam", "Consent", "Encounter"} {
		for _, e := range in.entries {
			if e.typ == typ {
				steps[typ](e)
			}
		}
	}
	for _, p := range in.order {
		in.readActivities(p)
	}
	for _, e := range in.entries {
		if _, ok := steps[e.typ]; !ok {
			in.ignore(e.typ)
		}
	}
}

// finish returns the batch, its refused lines in input order.
func (in *reader) finish() careplan.Batch {
	for _, p := range in.known {
		in.batch.Patients = append(in.batch.Patients, p.source)
	}
	for _, p := range in.order {
		in.batch.Plans = append(in.batch.Plans, p.source)
	}
	slices.SortStableFunc(in.batch.Refused, func(a, b careplan.Line) int { return cmp.Compare(a.Place.Entry, b.Place.Entry) })
	return in.batch
}

func (in *reader) place(e *entry) careplan.Place {
	return careplan.Place{File: in.file, Entry: e.index, Type: e.typ}
}

func (in *reader) refuse(e *entry, reason string, args ...any) {
	in.note(careplan.Refused, e, reason, args...)
}

func (in *reader) warn(e *entry, reason string, args ...any) {
	in.note(careplan.Warned, e, reason, args...)
}

func (in *reader) note(result careplan.Result, e *entry, reason string, args ...any) {
	in.batch.Refused = append(in.batch.Refused,
		careplan.Line{Result: result, Place: in.place(e), Reason: reason, Args: args})
}

func (in *reader) ignore(typ string) { in.batch.Ignored[typ]++ }

// decode reads an entry's resource, or refuses it.
func decode[T any](in *reader, e *entry) (T, bool) {
	var v T
	if err := json.Unmarshal(e.raw, &v); err != nil {
		in.refuse(e, "La ressource n’a pas la forme attendue.")
		return v, false
	}
	return v, true
}

// peek reads an entry that another one refers to, refusing nothing.
func peek[T any](e *entry) (T, bool) {
	var v T
	err := json.Unmarshal(e.raw, &v)
	return v, err == nil
}

// claim takes a key for an entry, or refuses the entry when another has it.
func (in *reader) claim(e *entry, key careplan.Key) bool {
	if key == (careplan.Key{}) {
		in.refuse(e, "La ressource n’a ni identifiant ni numéro.")
		return false
	}
	if in.keys[key] {
		in.refuse(e, "La même ressource figure déjà plus haut dans le fichier.")
		return false
	}
	in.keys[key] = true
	return true
}
