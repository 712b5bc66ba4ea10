package gemini

import (
	"bytes"
	"io"
	"log"
	"sync"
)

// quietly calls f without what the SDK says of the environment on the standard logger: it
// warns of keys there, and names the one that it uses, although it was handed another. All
// other lines that are logged meanwhile go where they went.
func quietly(f func()) {
	one.Lock()
	defer one.Unlock()
	ours := &withoutWarning{log.Writer()}
	log.SetOutput(ours)
	defer func() {
		if log.Writer() == io.Writer(ours) { // else somebody has set another meanwhile
			log.SetOutput(ours.to)
		}
	}()
	f()
}

var one sync.Mutex // at a time: each puts back what it found

type withoutWarning struct{ to io.Writer }

func (w *withoutWarning) Write(line []byte) (int, error) {
	if bytes.Contains(line, []byte("Both GOOGLE_API_KEY and GEMINI_API_KEY are set")) {
		return len(line), nil
	}
	return w.to.Write(line)
}
