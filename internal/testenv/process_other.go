//go:build unix && !linux

package testenv

import (
	"os/exec"
	"syscall"
)

// ownGroup makes cmd lead its own process group. Only Linux can tie its life
// to its parent's.
func ownGroup(cmd *exec.Cmd) {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Setpgid = true
}
