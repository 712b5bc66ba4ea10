package replay

import (
	"strconv"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/host"
)

// Names gives the steps and scopes of one branch their keys. The zero value is
// the root's.
type Names struct {
	scope pawl.Key
	count map[string]int
}

// In returns the Names of a branch whose keys begin with scope.
func In(scope pawl.Key) Names { return Names{scope: scope} }

// Scope returns what the branch's keys begin with; empty at the root.
func (n *Names) Scope() pawl.Key { return n.scope }

// Next returns the key of the next step or scope with that name: "draft" the
// first time, then "draft#2", "draft#3", each behind the scope and a slash.
func (n *Names) Next(name string) pawl.Key {
	key := n.Peek(name)
	set(&n.count, name, n.count[name]+1)
	return key
}

// Renamed is Next for a step or scope that had another name before, empty for none. In
// a run that knows it under that name alone it keeps the key. knows are the ways in which
// a run may know a key, the surest first.
func (n *Names) Renamed(name, was string, knows ...func(pawl.Key) bool) pawl.Key {
	key := n.PeekRenamed(name, was, knows...)
	if next := n.Next(name); next == key {
		return key
	}
	return n.Next(was)
}

// PeekRenamed returns what Renamed will return.
func (n *Names) PeekRenamed(name, was string, knows ...func(pawl.Key) bool) pawl.Key {
	key := n.Peek(name)
	if was == "" {
		return key
	}
	for _, known := range knows {
		if known(key) {
			return key
		}
		if old := n.Peek(was); known(old) {
			return old
		}
	}
	return key
}

// Peek returns what Next will return.
func (n *Names) Peek(name string) pawl.Key {
	if c := n.count[name] + 1; c > 1 {
		name += "#" + strconv.Itoa(c)
	}
	if n.scope == "" {
		return pawl.Key(name)
	}
	return n.scope + "/" + pawl.Key(name)
}

// Branch returns the scope of a fork's branch: "sections[3]" of a map, or
// "sections[=intro]" of one by identity, "checks/tone" of a parallel, the fork's own
// key of a call.
func Branch(fork pawl.Key, f host.Fork, i int) pawl.Key {
	switch {
	case f.Kind == pawl.KindMap && f.IDs != nil:
		return fork + "[=" + pawl.Key(f.IDs[i]) + "]"
	case f.Kind == pawl.KindMap:
		return fork + pawl.Key("["+strconv.Itoa(i)+"]")
	case f.Kind == pawl.KindParallel:
		return fork + "/" + pawl.Key(f.Names[i])
	}
	return fork
}
