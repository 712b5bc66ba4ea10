package host

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
)

// PanicText says what code of an author panicked with, whatever that is.
func PanicText(p any) string {
	if err, is := p.(error); is {
		err, _ = Sound(err)
		return err.Error()
	}
	return textOf(p)
}

// textOf says what a value is that code panicked with. Its methods may panic, and it may
// hold itself.
func textOf(p any) (text string) {
	defer func() {
		if recover() != nil {
			text = fmt.Sprintf("a value of type %T, of which a method panics", p)
		}
	}()
	switch p := p.(type) {
	case error:
		return p.Error()
	case fmt.Stringer:
		return p.String()
	}
	switch reflect.ValueOf(p).Kind() {
	case reflect.Struct, reflect.Map, reflect.Slice, reflect.Array, reflect.Pointer:
		raw, err := json.Marshal(p)
		if err != nil {
			return fmt.Sprintf("a value of type %T", p)
		}
		return fmt.Sprintf("%T %s", p, raw)
	}
	return fmt.Sprint(p)
}

// PanicPlace says where the panic that is being recovered came from, in brackets behind a
// space: " (file.go:12)". It is for the deferred function that recovers it.
func PanicPlace() string {
	var pcs [64]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(1, pcs[:])])
	for inPanic, more := false, true; more; {
		var f runtime.Frame
		f, more = frames.Next()
		switch {
		case f.Function == "runtime.gopanic":
			inPanic = true
		case inPanic && !strings.HasPrefix(f.Function, "runtime."):
			return fmt.Sprintf(" (%s:%d)", filepath.Base(f.File), f.Line)
		}
	}
	return ""
}
