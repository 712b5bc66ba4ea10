package host

import (
	"fmt"
	"path"
	"runtime"
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
	dir, file := path.Split(frame.File)
	return fmt.Sprintf("%s:%d", path.Join(path.Base(dir), file), frame.Line)
}
