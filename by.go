package pawl

import (
	"fmt"
	"reflect"

	"github.com/pawlrun/pawl/host"

	"github.com/pawlrun/pawl/schema"
)

// By names the items of a Map by what they are instead of by their place:
//
//	pawl.Map(r, "items", in.Items, rate, pawl.By(Item.Key))
//
// Items may then be added, removed and put in another order while a run stands still:
// each keeps its results. id returns what an item is known by, which must not be empty
// and is another for every item; otherwise the run fails and names the two. In keys
// it stands with each byte but a-z A-Z 0-9 . _ - @ + escaped, "items[=a%2Fb]/rate", and as a digest where that takes more than
// 200 bytes or where items have a field marked sensitive.
//
// A run that was begun without By cannot go on with it, or the other way round: that
// is a mismatch of the Map.
func By[T any](id func(T) string) MapOption { return by[T](id) }

type by[T any] func(T) string

func (by[T]) applyMap(*host.Fork) {} // Map asks it for the items' identities

// identity is a By whose type is not known.
type identity interface {
	of(item any) (id string, known bool)
	sensitive() bool
}

func (id by[T]) of(item any) (string, bool) {
	v, ok := item.(T)
	if !ok {
		return "", false
	}
	return id(v), true
}

func (by[T]) sensitive() bool { return schema.Sensitive(reflect.TypeFor[T]()) }

// identities returns what names each item in keys.
func identities[In any](name string, items []In, by identity) []string {
	ids := make([]string, len(items))
	for i, item := range items {
		id, known := by.of(item)
		switch {
		case !known:
			must(fmt.Errorf("map %q: By is of another type than the items, %s", name, reflect.TypeFor[In]()))
		case id == "":
			must(fmt.Errorf("map %q: item %d has no identity", name, i))
		}
		ids[i] = host.Identity(id, by.sensitive())
	}
	return ids
}
