package testenv

import "testing"

// Stopping is a package's tests for a runner that exits by itself, as
// testscript.Main does: it stops the servers they shared when they are done.
type Stopping struct{ M *testing.M }

// Run runs the tests and returns their exit code.
func (s Stopping) Run() int {
	defer stopCluster()
	return s.M.Run()
}
