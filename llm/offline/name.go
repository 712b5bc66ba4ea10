package offline

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/pawlrun/pawl/schema"
)

// namer makes short names, each once.
type namer struct {
	keys  []string
	seed  seed
	order []int
	next  int
}

func newNamer(p *prompt, s seed) *namer {
	s = s.with("names")
	return &namer{keys: p.keys, seed: s, order: s.order(len(names))}
}

func (n *namer) name() string {
	at := n.order[n.next%len(n.order)]
	round := n.next / len(n.order)
	n.next++
	s := strings.Replace(names[at], "%k", capitals(n.keys[n.seed.below(len(n.keys))]), 1)
	if round > 0 {
		s += " " + strconv.Itoa(round+1)
	}
	return s
}

// short makes a short string: a title, an address, a date or a name.
func (w *writer) short(n *schema.Node, h hint) string {
	if h.count == 0 {
		if v := w.p.labelled(h.name); v != "" && len(fitting([]string{v}, n)) == 1 {
			return v
		}
	}
	last := h.name[strings.LastIndexByte(h.name, ' ')+1:]
	switch last {
	case "title", "headline", "subject":
		if h.count == 0 {
			return w.p.title(h.seed)
		}
	case "date", "day":
		return day(h)
	case "email", "mail":
		return "someone@example.com"
	case "url", "link", "website":
		return "https://example.com/" + strconv.Itoa(h.index+1)
	case "id", "number", "code", "sku":
		return "A-" + strconv.Itoa(101+h.index)
	}
	s := h.names.name()
	for range len(names) {
		if len(fitting([]string{s}, n)) == 1 {
			return s
		}
		s = h.names.name()
	}
	if n.MaxLen != nil && *n.MaxLen < 12 && h.count > 1 {
		return "P" + strconv.Itoa(h.index+1) // too little room for a name, still distinct
	}
	return s
}

// isShort reports whether a string is a name rather than a sentence.
func isShort(name, desc string, n *schema.Node) bool {
	if n.MaxLen != nil && *n.MaxLen <= 60 {
		return true
	}
	if n.MinLen != nil && *n.MinLen > 60 {
		return false
	}
	last := name[strings.LastIndexByte(name, ' ')+1:]
	if shortNames[stem(last)] {
		return true
	}
	d := strings.ToLower(desc)
	if strings.Contains(d, "short") && hasWord(d, shortNames) {
		return true
	}
	if strings.Contains(d, "sentence") || strings.Contains(d, "paragraph") || bodyScore(name, desc) > 0 {
		return false
	}
	seen := 0
	for w := range fields(d) {
		if seen++; seen > 6 {
			break
		}
		if shortNames[stem(w)] {
			return true
		}
	}
	return false
}

// capital raises the first letter.
func capital(s string) string {
	r, size := utf8.DecodeRuneInString(s)
	if size == 0 {
		return s
	}
	return string(unicode.ToUpper(r)) + s[size:]
}

// capitals raises the first letter of the first word and of each that is not
// merely a link.
func capitals(s string) string {
	list := strings.Split(s, " ")
	for i, w := range list {
		if i == 0 || !links[w] {
			list[i] = capital(w)
		}
	}
	return strings.Join(list, " ")
}

var links = setOf("a an and as at by for from in into is of on or the to with")

var shortNames = setOf("name title headline heading label id key category tag slug author city country currency code " +
	"number type date day email mail url link website keyword sku person company customer supplier vendor owner subject " +
	"topic section chapter part")
