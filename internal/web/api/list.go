package api

import (
	"context"
	"encoding/json"
	"net/http"
	"sync"
	"time"

	"github.com/rcp-care/rcp/internal/date"
	"github.com/rcp-care/rcp/internal/fault"
	"github.com/rcp-care/rcp/internal/id"
)

// page is a list: what was found, and the cursor of the page that follows.
type page[T any] struct {
	Items []T    `json:"items" nullable:"false"`
	Next  string `json:"next" doc:"Give it as cursor for the next page; empty on the last."`
}

// listed makes a page of what a service returned.
func listed[T, D any](found []D, next string, shape func(D) T) page[T] {
	return page[T]{Items: each(found, shape), Next: next}
}

// each shapes every element; the result is never nil, so that JSON has [].
func each[T, D any](in []D, shape func(D) T) []T {
	out := make([]T, len(in))
	for i, d := range in {
		out[i] = shape(d)
	}
	return out
}

// Paging is the part of a list's query that asks for a page.
type Paging struct {
	Cursor string `query:"cursor" maxLength:"200" doc:"The next of the page before."`
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
}

// OneID is the input of a route about one thing.
type OneID struct {
	ID string `path:"id" doc:"A UUID."`
}

// idOf reads an id; what has not the form of one is not found.
func idOf[T ~string](raw string) (T, error) {
	v := T(raw)
	if !id.Valid(v) {
		return "", fault.New(fault.NotFound, "api.idOf", "")
	}
	return v, nil
}

// optionalID reads an id of the query or the body that may be left out.
func optionalID[T ~string](name, raw string) (T, error) {
	if raw == "" {
		return "", nil
	}
	v := T(raw)
	var c fault.Check
	c.That(id.Valid(v), name, "Un identifiant est attendu.")
	return v, c.Err("api.optionalID")
}

// bound reads an instant (RFC 3339) or a day, which begins at midnight in the
// zone; plus days are added to a day, so that an upper bound includes it.
func bound(name, raw string, zone *time.Location, plus int) (time.Time, error) {
	if raw == "" {
		return time.Time{}, nil
	}
	if t, err := time.Parse(time.RFC3339, raw); err == nil {
		return t.UTC(), nil
	}
	d, err := date.Parse(raw)
	var c fault.Check
	c.That(err == nil, name, "Une date est attendue, par exemple 2026-11-26.")
	if err := c.Err("api.bound"); err != nil {
		return time.Time{}, err
	}
	return d.AddDays(plus).In(zone).UTC(), nil
}

// descriptionRoute serves the description of every route, this one included.
func (s *server) descriptionRoute() {
	raw := sync.OnceValues(func() ([]byte, error) { return json.Marshal(s.api.OpenAPI()) })
	op := public(get("/openapi.json", "describe", "This description, in OpenAPI 3.1"))
	addFile(s, op, "application/json", func(context.Context, caller, *struct{}) (*file, error) {
		out, err := raw()
		return &file{Type: "application/json", Body: out}, fault.Wrap("api.describe", err)
	})
}

// The statuses of a thing that was made, and of one that was changed.
const (
	created  = http.StatusCreated
	statusOK = http.StatusOK
)
