package temporaltest

import "syscall"

// ends is how a server's process ends with that of the tests, also where those were cut.
func ends() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }
