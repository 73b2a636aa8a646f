package main

import (
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/rcp-care/rcp/internal/testenv"
)

// TestMain lets scripts call the program as "rcp".
func TestMain(m *testing.M) {
	testscript.Main(testenv.Stopping{M: m}, map[string]func(){"rcp": main})
}
