package main

import (
	"fmt"

	"github.com/rcp-care/rcp/internal/store"
)

type migrateCmd struct{}

// Run brings the schema up to date.
func (migrateCmd) Run(e *env) error {
	s, err := store.Open(e.ctx, e.Database, e.now)
	if err != nil {
		return err
	}
	fmt.Fprintln(e.stdout, "the schema is up to date")
	return s.Close()
}
