//go:build !linux

package temporaltest

import "syscall"

func ends() *syscall.SysProcAttr { return nil }
