package disktest

import (
	"bytes"
	"encoding/gob"
	"io"
	"math/rand/v2"
	"slices"
	"sync"
)

// History is what SQLite has asked of the disk, in its order, with what was noted meanwhile.
// Install takes its Judge, which lets everything happen.
type History struct {
	mu  sync.Mutex
	all []Past
}

// Past is an operation that was asked for, or a note.
type Past struct {
	Op
	Note string // of what was promised by then; empty: it is an operation
}

// Judge records an operation.
func (h *History) Judge(op Op) Verdict {
	op.Data = bytes.Clone(op.Data)
	h.add(Past{Op: op})
	return Verdict{}
}

// Note records that something was promised.
func (h *History) Note(s string) { h.add(Past{Note: s}) }

func (h *History) add(p Past) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.all = append(h.all, p)
}

// Write writes all that is recorded, for ReadHistory.
func (h *History) Write(w io.Writer) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	return gob.NewEncoder(w).Encode(h.all)
}

// ReadHistory reads what was recorded.
func ReadHistory(r io.Reader) (all []Past, err error) {
	return all, gob.NewDecoder(r).Decode(&all)
}

// Disk is what a disk holds of a database and its log while a history happens: what was
// synced, and apart from it what was not. The zero value is empty.
type Disk struct {
	synced map[File][]byte
	loose  map[File][]Past // in their order
}

// Do has an operation happen.
func (d *Disk) Do(p Past) {
	if d.synced == nil {
		d.synced, d.loose = map[File][]byte{}, map[File][]Past{}
	}
	if p.Kind != Sync {
		d.loose[p.File] = append(d.loose[p.File], p)
		return
	}
	for _, l := range d.loose[p.File] {
		d.synced[p.File] = l.on(d.synced[p.File], len(l.Data))
	}
	d.loose[p.File] = nil
}

// Loose returns how many operations are not synced.
func (d *Disk) Loose() int { return len(d.loose[Database]) + len(d.loose[Log]) }

// Loss says what a cut of power leaves of what was not synced.
type Loss string

// The losses.
const (
	LoseAll  Loss = "all of it is lost"
	LoseNone Loss = "nothing of it is lost"
	LoseSome Loss = "some of it is lost or torn, in any order"
)

// Cut returns a file as it is found when the power was cut. A write reaches the disk in
// sectors, each whole or not at all, and before or after any other write that is not synced.
// A truncation is the file system's: it happens in its place, or neither it nor what came
// after it does.
func (d *Disk) Cut(file File, l Loss, r *rand.Rand) []byte {
	is := bytes.Clone(d.synced[file])
	switch rest := d.loose[file]; l {
	case LoseNone:
		for _, p := range rest {
			is = p.on(is, len(p.Data))
		}
	case LoseSome:
		for len(rest) > 0 {
			n := slices.IndexFunc(rest, func(p Past) bool { return p.Kind == Truncate })
			if n < 0 {
				n = len(rest)
			}
			for _, i := range r.Perm(n) {
				is = rest[i].some(is, r)
			}
			if n == len(rest) || r.IntN(2) == 0 {
				break
			}
			is, rest = rest[n].on(is, 0), rest[n+1:]
		}
	}
	return is
}

// sector is what a disk writes whole.
const sector = 512

// some is on for a write of which any sectors may be lost.
func (p Past) some(file []byte, r *rand.Rand) []byte {
	switch r.IntN(3) {
	case 0:
		return file
	case 1:
		return p.on(file, len(p.Data))
	}
	return p.on(file, min(len(p.Data), sector*r.IntN(len(p.Data)/sector+1)))
}

// on returns a file on which an operation has happened; of a write only its first n bytes.
func (p Past) on(file []byte, n int) []byte {
	end := int(p.At)
	if p.Kind == Truncate {
		return slices.Clip(append(file, make([]byte, max(0, end-len(file)))...)[:end])
	}
	if end += n; n > 0 && end > len(file) {
		file = append(file, make([]byte, end-len(file))...)
	}
	copy(file[min(len(file), int(p.At)):], p.Data[:n])
	return file
}
