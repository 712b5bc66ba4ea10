package tree

import "github.com/pawlrun/pawl"

// fit chooses what of the tree fits into so many lines, and says how many
// finished steps a line of its own is to count. Of what does not fit, the steps
// in scopes that have ended go first, then those that are done in other scopes,
// then the oldest that are done. What is active or failed is left out only when
// nothing that is done is shown: more counts it.
func (t *Tree) fit(room int) (done int, more counts) {
	t.walk()
	for _, i := range t.order {
		t.nodes[i].shown = true
	}
	need := len(t.nodes) - room
	if need > 0 {
		need = t.foldScopes(need, true)
	}
	if need > 0 {
		need = t.foldScopes(need, false)
	}
	t.hideFolded()
	if need > 0 {
		done, need = t.foldRoots(need)
	}
	if need > 0 && done > 0 { // its line goes too
		done, need = 0, need-1
	}
	if need > 0 {
		more = t.foldActive(room)
	}
	return done, more
}

// walk orders the nodes as the tree shows them and counts beneath each what is
// done.
func (t *Tree) walk() {
	t.order = t.order[:0]
	if len(t.nodes) == 0 {
		return
	}
	for i := 0; i != none; {
		t.order = append(t.order, i)
		n := &t.nodes[i]
		if n.first != none {
			i = n.first
			continue
		}
		for n.next == none && t.parent(i) != none {
			i = t.parent(i)
			n = &t.nodes[i]
		}
		i = n.next
	}
	for k := len(t.order) - 1; k >= 0; k-- { // what is beneath comes first
		n := &t.nodes[t.order[k]]
		up := t.parent(t.order[k])
		if up == none {
			continue
		}
		above := &t.nodes[up]
		above.done, above.leaves = above.done+n.done, above.leaves+n.leaves
		if finished(n.status) {
			above.done++
			if !n.step.Head.Kind.Scope() {
				above.leaves++
			}
		}
	}
}

// foldScopes folds scopes that have ended, or the others, the first ones first,
// until so many lines are saved, and returns how many are still too many.
func (t *Tree) foldScopes(need int, closed bool) int {
	for _, i := range t.order {
		n := &t.nodes[i]
		if up := t.parent(i); up != none {
			n.folded = t.nodes[up].fold || t.nodes[up].folded
		}
		saves := n.done - n.gone
		if need <= 0 || n.folded || n.fold || n.step.Closed != closed || saves == 0 {
			continue
		}
		n.fold = true
		need -= saves
		for up := i; up != none; up = t.parent(up) {
			t.nodes[up].gone += saves
		}
	}
	return need
}

func (t *Tree) hideFolded() {
	for _, i := range t.order {
		n := &t.nodes[i]
		if up := t.parent(i); up != none {
			n.folded = t.nodes[up].fold || t.nodes[up].folded
		}
		n.shown = !n.folded || !finished(n.status)
	}
}

// foldRoots hides the oldest of the run's own steps that are done, and says how
// many steps these are with what they hold. A line that says so takes their place.
func (t *Tree) foldRoots(need int) (steps, still int) {
	hidden := 0
	for _, i := range t.order {
		n := &t.nodes[i]
		if hidden > need || t.parent(i) != none || !finished(n.status) {
			continue
		}
		n.shown = false
		hidden++
		steps += n.leaves
		if !n.step.Head.Kind.Scope() {
			steps++
		}
	}
	return steps, need - max(0, hidden-1)
}

// foldActive shows as many lines as there is room for, the most urgent ones,
// and counts what is left out; the last line is to say it.
func (t *Tree) foldActive(room int) (more counts) {
	var have, may [ranks]int
	for _, i := range t.order {
		if n := &t.nodes[i]; n.shown {
			have[t.rank(i)]++
		}
	}
	left := max(0, room)
	if left > 1 {
		left--
	}
	for r := range have {
		may[r] = min(have[r], left)
		left -= may[r]
	}
	for _, i := range t.order {
		n := &t.nodes[i]
		if !n.shown {
			continue
		}
		if r := t.rank(i); may[r] > 0 {
			may[r]--
			continue
		}
		n.shown = false
		if !n.step.Head.Kind.Scope() {
			more.add(n.status)
		}
	}
	return more
}

const ranks = 5

// rank says what is left out last, from 0. Nothing that is done is shown by then.
func (t *Tree) rank(i int) int {
	n := &t.nodes[i]
	scope := n.step.Head.Kind.Scope()
	switch {
	case scope && t.parent(i) == none: // it counts what is left out
		return 0
	case scope:
		return 4
	case n.status == pawl.StepFailed && n.step.Result != nil: // the flow went on
		return 3
	case n.status == pawl.StepFailed || n.status == pawl.StepWaiting:
		return 1
	}
	return 2
}
