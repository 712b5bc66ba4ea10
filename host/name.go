package host

import (
	"fmt"
	"strings"

	"github.com/pawlrun/pawl/internal/limits"
)

// CheckName says what is wrong with a flow's, step's or branch's name. It becomes a word
// of command lines, and the name of a file or a folder.
func CheckName(name string) error {
	if name == "" || len(name) > limits.NameBytes {
		return fmt.Errorf("name %q must have 1 to 64 characters", name)
	}
	if name[0] == '-' || name == "." || name == ".." {
		return fmt.Errorf("name %q cannot be a word of a command line, or the name of a file; begin it with a letter", name)
	}
	for _, c := range name {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '_', c == '-', c == '.':
		default:
			return fmt.Errorf("name %q has the character %q; names are made of a-z A-Z 0-9 . _ -", name, c)
		}
	}
	return nil
}

// Check says what is wrong with the step as a whole: a programmer's mistake.
// Engines call it before they do anything.
func (s Step) Check() error {
	if err := CheckName(s.Name); err != nil {
		return err
	}
	if (s.Ask == nil) == (s.Do == nil) {
		return fmt.Errorf("step %q must be either an ask or a do", s.Name)
	}
	if s.Tries < 0 || s.Ask != nil && s.Ask.Answers < 0 {
		return fmt.Errorf("step %q has a negative number of attempts", s.Name)
	}
	return nil
}

// Check says what is wrong with the wait as a whole: a programmer's mistake.
// Engines call it before they do anything.
func (w Wait) Check() error {
	if err := CheckName(w.Name); err != nil {
		return err
	}
	switch asks := w.Kind != KindSleep; {
	case asks && w.Kind != KindApprove && w.Kind != KindInput && w.Kind != KindAwait:
		return fmt.Errorf("wait %q has the kind %q", w.Name, w.Kind)
	case asks && w.Question == "":
		return fmt.Errorf("%s %q has no question", w.Kind, w.Name)
	case w.Try && w.Kind != KindAwait:
		return fmt.Errorf("%s %q cannot fail", w.Kind, w.Name)
	case asks && w.Kind != KindAwait && w.For > 0 && w.Default == nil:
		return fmt.Errorf("%s %q has a deadline and no default", w.Kind, w.Name)
	}
	return nil
}

// Check says what is wrong with the fork as a whole: a programmer's mistake.
// Engines call it before they do anything.
func (f Fork) Check() error {
	if err := CheckName(f.Name); err != nil {
		return err
	}
	seen := map[string]bool{}
	for _, n := range f.Names {
		if err := CheckName(n); err != nil {
			return fmt.Errorf("branch of %q: %w", f.Name, err)
		}
		if seen[n] {
			return fmt.Errorf("%q has two branches named %q", f.Name, n)
		}
		seen[n] = true
	}
	if f.Kind == KindParallel && len(f.Names) != f.N {
		return fmt.Errorf("%q has %d branches and %d names", f.Name, f.N, len(f.Names))
	}
	return f.checkIDs()
}

// checkIDs says what is wrong with the identities of a map's items.
func (f Fork) checkIDs() error {
	if f.IDs == nil {
		return nil
	}
	if f.Kind != KindMap || len(f.IDs) != f.N {
		return fmt.Errorf("%s %q has %d branches and %d identities", f.Kind, f.Name, f.N, len(f.IDs))
	}
	place := map[string]int{}
	for i, id := range f.IDs {
		if id == "" || len(id) > maxIDLen || strings.Trim(id, idBytes+"%=") != "" {
			return fmt.Errorf("item %d of %q has the identity %q, which cannot stand in a key", i, f.Name, id)
		}
		if first, twice := place[id]; twice {
			return fmt.Errorf("items %d and %d of %q have the same identity %q", first, i, f.Name, id)
		}
		place[id] = i
	}
	return nil
}

// PurposeOf returns a step's purpose, or one made from its name.
func PurposeOf(purpose, name string) string {
	if len(purpose) > limits.PurposeBytes {
		return strings.ToValidUTF8(purpose[:limits.PurposeBytes], "") + "... (cut)"
	}
	if purpose != "" {
		return purpose
	}
	s := strings.ReplaceAll(strings.ReplaceAll(name, "_", " "), "-", " ")
	return strings.ToUpper(s[:1]) + s[1:]
}
