package batch

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/pawlrun/pawl/internal/wholefile"
)

// ledger is the directory of a Box: a file for each batch that was sent, and one for its
// answers.
type ledger struct {
	dir    string
	read   time.Time // when the directory had last changed when it was read
	all    []*sent
	of     map[string]*sent // by the names of their items
	marked map[string]bool
}

// sent is a batch that was sent, or was about to be.
type sent struct {
	Mark    string    `json:"mark"` // the vendor has it, too
	Owner   string    `json:"owner,omitempty"`
	Form    string    `json:"form"`
	Model   string    `json:"model"`
	Created time.Time `json:"created"`
	ID      string    `json:"id,omitempty"` // at the vendor; empty: it is not known whether that has it
	Items   []string  `json:"items"`        // names

	dir      string
	places   map[string]place // of the answers in their file; nil: they are not there yet
	followed bool             // somebody waits for it
	lost     error            // why it is not known whether the vendor has it; nil: another process sent it
	read     read             // its answers; nil: they are not known to be there
}

// place is where an answer is in the file.
type place struct {
	offset int64
	length int
}

// kept is how long a batch is kept. Vendors keep answers for a month.
const kept = 40 * 24 * time.Hour

const (
	batchSuffix   = ".batch.json"
	answersSuffix = ".answers.jsonl"
)

func openLedger(dir string) (*ledger, error) {
	if dir == "" {
		return nil, errors.New("batch: Options need a Dir")
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	l := &ledger{dir: dir, of: map[string]*sent{}, marked: map[string]bool{}}
	return l, l.scan()
}

// scan reads the batches that are new in the directory.
func (l *ledger) scan() error {
	is, err := os.Stat(l.dir)
	if err != nil || is.ModTime().Equal(l.read) {
		return err
	}
	files, err := os.ReadDir(l.dir)
	if err != nil {
		return err
	}
	for _, f := range files {
		mark, ok := strings.CutSuffix(f.Name(), batchSuffix)
		if !ok || l.marked[mark] {
			continue
		}
		path := filepath.Join(l.dir, f.Name())
		b, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		s := &sent{dir: l.dir}
		if err == nil {
			err = json.Unmarshal(b, s)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		if time.Since(s.Created) > kept {
			l.forget(s)
			continue
		}
		l.add(s)
	}
	l.read = is.ModTime()
	return nil
}

func (l *ledger) add(s *sent) {
	l.all, l.marked[s.Mark] = append(l.all, s), true
	for _, name := range s.Items {
		l.of[name] = s
	}
}

// forget removes a batch that is of no use any more.
func (l *ledger) forget(s *sent) {
	for _, name := range s.Items {
		if l.of[name] == s {
			delete(l.of, name)
		}
	}
	l.all = slices.DeleteFunc(l.all, func(other *sent) bool { return other == s })
	_ = os.Remove(s.file(answersSuffix)) // one that stays is of no use, and does no harm
	_ = os.Remove(s.file(batchSuffix))
}

// find returns the batch that an item was sent in; nil: none.
func (l *ledger) find(name string) (*sent, error) {
	if s := l.of[name]; s != nil {
		return s, nil
	}
	err := l.scan()
	return l.of[name], err
}

func (s *sent) file(suffix string) string { return filepath.Join(s.dir, s.Mark+suffix) }

// store writes what is known of a batch. It is on the disk when store returns.
func (s *sent) store() error {
	b, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return wholefile.Write(s.file(batchSuffix), append(b, '\n'))
}

// storeAnswers writes the answers to all items of a batch, as they are read; what others
// are about is dropped.
func (s *sent) storeAnswers(from read) (err error) {
	file, err := wholefile.New(s.file(answersSuffix))
	if err != nil {
		return err
	}
	defer file.Discard()
	to := bufio.NewWriter(file)
	left := make(map[string]bool, len(s.Items))
	for _, name := range s.Items {
		left[name] = true
	}
	write := func(a answer) {
		line, err := json.Marshal(a)
		if err == nil {
			_, _ = to.Write(append(line, '\n')) // Flush says it
		}
	}
	none, err := from(func(a answer) {
		if left[a.Name] {
			delete(left, a.Name)
			write(a)
		}
	})
	if err != nil {
		return err
	}
	for name := range left {
		none.Name = name
		write(none)
	}
	if err := to.Flush(); err != nil {
		return err
	}
	return file.Commit()
}

// answerTo returns what was answered to an item; nil: the batch is not answered yet.
func (s *sent) answerTo(name string) (*answer, error) {
	if s.places == nil {
		if err := s.index(); err != nil || s.places == nil {
			return nil, err
		}
	}
	at, ok := s.places[name]
	if !ok {
		return nil, fmt.Errorf("%s: has no answer to %s", s.file(answersSuffix), name)
	}
	f, err := os.Open(s.file(answersSuffix))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	line := make([]byte, at.length)
	if _, err := f.ReadAt(line, at.offset); err != nil {
		return nil, err
	}
	var a answer
	if err := json.Unmarshal(line, &a); err != nil {
		return nil, fmt.Errorf("%s: %w", s.file(answersSuffix), err)
	}
	return &a, nil
}

// index finds the answers in their file, if that is there.
func (s *sent) index() error {
	f, err := os.Open(s.file(answersSuffix))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	places, offset := map[string]place{}, int64(0)
	for lines := bufio.NewReader(f); ; {
		line, err := lines.ReadBytes('\n')
		if err == io.EOF && len(line) == 0 {
			break
		}
		if err != nil {
			return fmt.Errorf("%s: %w", f.Name(), err)
		}
		var is struct{ Name string }
		if err := json.Unmarshal(line, &is); err != nil {
			return fmt.Errorf("%s: %w", f.Name(), err)
		}
		places[is.Name] = place{offset, len(line)}
		offset += int64(len(line))
	}
	s.places = places
	return nil
}
