package testenv

import (
	"os/exec"
	"syscall"
)

// ownGroup makes cmd lead its own process group and quit with its parent.
// SIGQUIT lets PostgreSQL take its children with it.
func ownGroup(cmd *exec.Cmd) {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Setpgid = true
	cmd.SysProcAttr.Pdeathsig = syscall.SIGQUIT
}
