package host

import (
	"runtime"
	"strconv"
	"strings"
)

// Place returns where code stands, as its file's folder and name and the line:
// "article/flow.go:31"; empty if that is not known.
func Place(pc uintptr) string {
	if pc == 0 {
		return ""
	}
	frame, _ := runtime.CallersFrames([]uintptr{pc}).Next()
	if frame.File == "" {
		return ""
	}
	file := frame.File
	if i := strings.LastIndexByte(file, '/'); i > 0 {
		file = file[1+strings.LastIndexByte(file[:i], '/'):]
	}
	return file + ":" + strconv.Itoa(frame.Line)
}
