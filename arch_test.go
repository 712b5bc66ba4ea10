package pawl_test

import (
	"bytes"
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/pawlrun/pawl"

// layer is a folder and what it may import of ours.
type layer struct {
	dir  string
	may  []string
	why  string
	main bool // it holds commands, which may use context.Background
}

// layers says what a folder may import of ours. The first row whose folder is
// the package's or holds it counts. Imports go down: a row may only name rows
// above it. Tests may import anything.
var layers = []layer{
	{dir: "internal/limits", why: "how much is too much is a number"},
	{dir: "internal/late", why: "what is made late knows nothing of what it is for"},
	{dir: "internal/wholefile", why: "a file that is whole knows nothing of what is in it"},
	{dir: "schema", may: []string{"internal/late", "internal/limits"}, why: "the shape of a value knows of nothing else"},
	{dir: "llm/batch", may: []string{"internal/wholefile", "llm"}, why: "what was sent to a vendor is a file; who asks, and how, is the adapter's"},
	{dir: "llm", may: []string{"internal/late", "internal/limits", "schema"}, why: "a question to a model is about values, not about runs"},
	{dir: "internal/prompt", may: []string{"internal/late", "schema", "llm"}, why: "a prompt file is text and a template, whoever asks with it"},
	{dir: "host", may: []string{"internal/limits", "schema", "llm"}, why: "what flow code stands on is data, whatever typed functions make it"},
	{dir: ".", may: []string{"internal/late", "internal/limits", "schema", "llm", "internal/prompt", "host"}, why: "the vocabulary knows no storage, network or vendor"},
	{dir: "schedule", may: []string{"."}, why: "when a flow is to run follows from a schedule and the time, whoever keeps and starts it"},
	{dir: "notice", may: []string{"."}, why: "what is owed to whom follows from what was told and the time, whoever keeps and tells it"},
	{dir: "limit", may: []string{"."}, why: "what many runs may take is counted from what calls take, whoever keeps the count and makes them"},
	{dir: "cost", may: []string{"."}, why: "what calls took is added up, whoever keeps the sums and made the calls"},
	{dir: "journal", may: []string{"internal/limits", ".", "schema", "llm", "schedule", "limit", "cost", "notice", "journal"}, why: "a journal keeps events and executes nothing"},
	{dir: "internal/replay", may: []string{"internal/limits", ".", "host", "schema", "llm", "limit", "journal"}, why: "the deciding core does nothing"},
	{dir: "pattern", may: []string{"."}, why: "a pattern is written in the author's vocabulary alone, and has no back door"},
	{dir: "internal/diff", may: []string{"internal/limits", "schema"}, why: "what differs follows from two values alone, whatever they are of"},
	{dir: "internal/mask", may: []string{".", "schema"}, why: "what views may show follows from flows and records alone"},
	{dir: "internal/runfile", may: []string{"internal/limits", ".", "schema", "journal", "internal/replay", "internal/mask"}, why: "a run as a file is its events, whoever reads and writes it"},
	{dir: "internal/shape", may: []string{"internal/late", ".", "pattern"}, why: "what a flow may do is read from its code, and from records"},
	{dir: "internal/drawing", may: []string{".", "internal/shape"}, why: "a picture is of a shape, whoever shows it"},
	{dir: "internal/view", may: []string{".", "schema", "llm", "journal", "internal/replay", "internal/mask", "internal/diff", "internal/limits", "internal/shape", "schedule", "limit", "cost", "notice"}, why: "the read side stands on the contracts alone, whoever fills them"},
	{dir: "internal/scheduler", may: []string{".", "schedule"}, why: "it makes runs by an engine, whichever that is, and decides nothing by itself"},
	{dir: "internal/relay", may: []string{"internal/limits", "."}, why: "it passes pieces of answers on, whoever makes and shows them"},
	{dir: "client", may: []string{".", "schedule", "cost"}, why: "a program that asks a server has its records, and nothing of what makes them"},
	{dir: "internal/tokens", may: []string{"internal/wholefile", "."}, why: "who may ask is a file, whoever asks"},
	{dir: "internal/webhook", why: "a signature is over bytes, whatever they say and whoever sends them"},
	{dir: "internal/notifier", may: []string{"internal/limits", ".", "schema", "notice", "internal/view", "internal/webhook"}, why: "it tells what the view shows, of whatever journal, and decides nothing by itself"},
	{dir: "server", may: []string{"internal/limits", ".", "schema", "schedule", "limit", "cost", "journal", "internal/scheduler", "internal/view", "internal/shape", "internal/runfile", "internal/webhook"}, why: "the API shows what the view shows and does what an engine does, whoever fills them"},
	{dir: "internal/mcpserver", may: []string{"internal/late", ".", "schema", "journal", "internal/view", "internal/drawing", "internal/runfile"}, why: "agents see what the view shows and do what an engine does, whoever fills them"},
	{dir: "docs", why: "the pages are files"},
	{dir: "studio/scenes", may: []string{".", "cli", "llm", "journal"}, why: "a program for tests in a browser uses what users have", main: true},
	{dir: "studio", why: "the page is files: it asks the API like any browser"},
	{dir: "engine", may: []string{"internal/limits", ".", "host", "schema", "llm", "limit", "journal", "internal/replay"}, why: "an engine does not know which journal, model or flow it serves"},
	{dir: "telemetry", may: []string{".", "llm", "engine/observe"}, why: "it makes spans and metrics of what it is told, and sees no engine and no journal"},
	{dir: "internal/otlp", why: "where spans and metrics go has nothing to do with what they are of"},
	{dir: "internal/recorded", may: []string{"internal/wholefile", ".", "schema", "llm", "journal", "engine", "internal/diff", "internal/mask", "internal/runfile"}, why: "a recorded run is a file and an engine that executes it"},
	{dir: "pawltest", may: []string{".", "host", "schema", "llm", "journal", "engine", "internal/recorded", "internal/runfile"}, why: "a user's test stands on what users have"},
	{dir: "flows", may: []string{".", "pattern", "flows"}, why: "a flow is written in the author's vocabulary alone"},
	{dir: "internal/responsestest", why: "it is a provider for tests"},
	{dir: "internal/batchtest", why: "it is a vendor that takes batches, for tests"},
	{dir: "internal/terminaltest", why: "it is a terminal for tests"},
	{dir: "internal/checktest", may: []string{".", "cost", "journal", "internal/replay"}, why: "it checks any journal, whoever wrote it"},
	{dir: "internal/disktest", why: "it is a disk for tests"},
	{dir: "internal/temporaltest", why: "it starts servers for tests"},
	{dir: "cli/internal/term", may: []string{"internal/late"}, why: "a terminal shows text, whatever it is about"},
	{dir: "cli/internal/form", may: []string{"internal/wholefile", "internal/limits", ".", "schema", "cli/internal/term"}, why: "a room below the command sees no engine: values are filled in before there is a run"},
	{dir: "cli/internal/page", may: []string{"internal/late", ".", "schema", "llm", "internal/view", "internal/diff", "internal/shape", "internal/drawing", "cli/internal/term", "cli/internal/form"}, why: "a room below the command sees no engine: a page is made from records"},
	{dir: "cli/internal/paper", may: []string{".", "cli/internal/page"}, why: "a document is made from a record, whoever writes it to where"},
	{dir: "cli/internal/tree", may: []string{".", "journal", "internal/replay", "cli/internal/term", "cli/internal/page"}, why: "a room below the command sees no engine: the tree folds events as one does, whoever brings them"},
	{dir: "cli/internal/doctor", may: []string{".", "schema", "llm", "journal", "cli/internal/term"}, why: "the checks see no engine, and are handed providers and database"},
	{dir: "internal/skeleton", may: []string{".", "pattern", "cli"}, why: "a flow to begin with uses what users have: it is a program above cli, which copies it as a file", main: true},
	{dir: "cli/temporal", may: []string{".", "cli", "engine"}, why: "what opens a store on Temporal is for programs that want it: its weight is theirs alone"},
	{dir: "cli", may: []string{"internal/wholefile", "internal/limits", "internal/tokens", ".", "host", "internal/skeleton", "schema", "llm", "journal", "engine", "internal/replay", "internal/recorded", "internal/view", "internal/shape", "internal/drawing", "internal/runfile", "internal/relay", "schedule", "limit", "cost", "internal/scheduler", "notice", "internal/notifier", "internal/webhook", "server", "internal/mcpserver", "docs", "studio", "telemetry", "internal/otlp", "cli"}, why: "the command puts parts together and knows no flow; what it shows of runs comes from the view", main: true},
	{dir: "cmd/pawl", may: []string{"cli", "flows"}, why: "main is one call", main: true},
	{dir: "cmd/pawl-temporal", may: []string{"cli", "flows"}, why: "main is one call", main: true},
	{dir: "pawlvet", why: "it reads code, and knows the author's vocabulary by its names"},
	{dir: "cmd/pawlvet", may: []string{"pawlvet"}, why: "main is one call", main: true},
	{dir: "internal/crashtest", why: "it holds tests only"},
	{dir: "internal/realtest", why: "it holds tests only"},
	{dir: "internal/mcptest", why: "it holds tests only"},
	{dir: "scripts/runtests", why: "it runs go test", main: true},
	{dir: "scripts/temporal", why: "it is others' server, in a module of its own", main: true},
	{dir: "bench", may: []string{".", "host", "cli", "client", "server", "telemetry", "llm", "journal", "engine", "flows"}, why: "a measurement uses what users have", main: true},
	{dir: "examples", may: []string{".", "pattern", "cli", "llm", "journal", "engine", "flows"}, why: "an example uses what users have", main: true},
}

type source struct {
	path string // slash-separated, from the root
	dir  string
	test bool // a test, or of a package that only our tests use
	text []byte
	file *ast.File
}

func sources(t *testing.T) []source {
	t.Helper()
	var all []source
	err := fs.WalkDir(os.DirFS("."), ".", func(p string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "testdata" || notOurs(p, d)):
			return fs.SkipDir
		case !strings.HasSuffix(p, ".go"):
			return nil
		}
		text, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		f, err := parser.ParseFile(token.NewFileSet(), p, text, parser.ParseComments)
		if err != nil {
			return err
		}
		test := strings.HasSuffix(p, "_test.go") || strings.HasSuffix(path.Dir(p), "test") && path.Dir(p) != "pawltest"
		all = append(all, source{path: p, dir: path.Dir(p), test: test, text: text, file: f})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func within(dir, layer string) bool {
	return dir == layer || layer != "." && strings.HasPrefix(dir, layer+"/")
}

func layerOf(dir string) int {
	return slices.IndexFunc(layers, func(l layer) bool { return within(dir, l.dir) })
}

func TestImportsGoDown(t *testing.T) {
	for _, s := range sources(t) {
		i := layerOf(s.dir)
		if i < 0 {
			t.Errorf("%s: folder %s has no row in the table of layers", s.path, s.dir)
			continue
		}
		if s.test {
			continue
		}
		for _, imp := range s.file.Imports {
			p, _ := strconv.Unquote(imp.Path.Value)
			if p != module && !strings.HasPrefix(p, module+"/") {
				continue
			}
			target := strings.TrimPrefix(strings.TrimPrefix(p, module), "/")
			if target == "" {
				target = "."
			}
			allowed := within(target, layers[i].dir) && layers[i].dir != "." || slices.ContainsFunc(layers[i].may, func(l string) bool { return within(target, l) })
			if !allowed {
				t.Errorf("%s imports %s: %s", s.path, target, layers[i].why)
			}
		}
	}
}

// TestTemporalStaysApart: the SDK of Temporal is a large part of a program that has it, so
// that only one which is for that may have it.
func TestTemporalStaysApart(t *testing.T) {
	for _, s := range sources(t) {
		if s.test || within(s.dir, "engine/temporal") || s.dir == "cmd/pawl-temporal" || s.dir == "cli/temporal" || s.dir == "bench/temporal" || within(s.dir, "scripts/temporal") {
			continue
		}
		for _, imp := range s.file.Imports {
			if p, _ := strconv.Unquote(imp.Path.Value); strings.HasPrefix(p, "go.temporal.io/") || within(p, module+"/engine/temporal") {
				t.Errorf("%s imports %s: its weight is for programs that run on Temporal", s.path, p)
			}
		}
	}
}

func TestPackageComments(t *testing.T) {
	has, seen := map[string]bool{}, map[string]bool{}
	for _, s := range sources(t) {
		if strings.HasSuffix(s.path, "_test.go") {
			continue
		}
		seen[s.dir] = true
		if doc := s.file.Doc.Text(); doc != "" {
			name := "Package " + s.file.Name.Name + " "
			if s.file.Name.Name == "main" {
				name = "Command "
			}
			if !strings.HasPrefix(doc, name) {
				t.Errorf("%s: the package comment begins with %q, not %q", s.path, strings.SplitAfterN(doc, " ", 3)[0], name)
			}
			if has[s.dir] {
				t.Errorf("%s: a second package comment in %s", s.path, s.dir)
			}
			has[s.dir] = true
		}
	}
	for dir := range seen {
		if !has[dir] {
			t.Errorf("%s has no package comment", dir)
		}
	}
}

// records are the files that hold what views show of runs. They are read when one shows
// runs, not when one writes or starts them.
var records = map[string]string{"record.go": "records", "event.go": "records", "id.go": "records"}

// TestSizes: one concept, one file; a core package is an evening's reading.
// Constants are not counted: they are the values of a type that is.
func TestSizes(t *testing.T) {
	names := map[string]int{}
	var lengths []int
	for _, s := range sources(t) {
		lines := bytes.Count(s.text, []byte("\n"))
		limit := 500
		if s.test {
			limit = 1000
		} else {
			lengths = append(lengths, lines)
		}
		if lines > limit {
			t.Errorf("%s has %d lines, wants at most %d: it holds two ideas", s.path, lines, limit)
		}
		if s.test || s.file.Name.Name == "main" {
			continue
		}
		for _, d := range s.file.Decls {
			names[cmp.Or(records[s.path], s.dir)] += exported(d)
		}
	}
	slices.Sort(lengths)
	if median := lengths[len(lengths)/2]; median > 150 {
		t.Errorf("the median file has %d lines, wants at most 150", median)
	}
	for dir, n := range names {
		limit := 25
		switch dir {
		case ".":
			limit = 78
		case "records":
			limit = 40
		case "llm":
			limit = 40
		case "schema": // the one reader of JSON and of tags, for everyone
			limit = 28
		case "journal": // all of its contracts: the journal's own, and what some can do beside
			limit = 63
		case "llm/internal/wire": // what the adapters of all vendors share
			limit = 32
		case "internal/responsestest":
			limit = 60
		case "internal/view": // all that is shown of runs, flows and schedules, whoever shows it
			limit = 36
		case "cli/internal/term": // all that makes text fit to be shown, in one place
			limit = 30
		case "internal/replay": // all that both engines decide by
			limit = 69
		}
		if n > limit {
			t.Errorf("%s exports %d names, wants at most %d", dir, n, limit)
		}
	}
}

func exported(d ast.Decl) (n int) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Recv == nil && d.Name.IsExported() {
			n++
		}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				if spec.Name.IsExported() {
					n++
				}
			case *ast.ValueSpec:
				if d.Tok == token.VAR {
					for _, name := range spec.Names {
						if name.IsExported() {
							n++
						}
					}
				}
			}
		}
	}
	return n
}

// bans are words that do not belong somewhere, each with its reason.
var bans = []struct {
	word  *regexp.Regexp
	where func(s source) bool
	why   string
}{
	{regexp.MustCompile(`\btime\.Sleep\(`), func(s source) bool { return s.test && !bytes.Contains(s.text, []byte("testing/synctest")) },
		"a test that sleeps is slow or flaky; use testing/synctest or wait for what happens"},
	{regexp.MustCompile(`\btime\.(Now|After|Sleep|NewTimer|Since|Until)\(|"math/rand|"crypto/rand"|"os"|"net|"sync"|\bgo func\b`), func(s source) bool { return s.dir == "internal/replay" && !s.test },
		"the deciding core has no clock, randomness, I/O, lock or goroutine"},
	{regexp.MustCompile(`\bos\.(Getenv|LookupEnv|Environ)\(`), func(s source) bool { return !s.test && (!within(s.dir, "cli") || within(s.dir, "cli/internal")) },
		"only cli reads the environment, and hands it to the rooms below it"},
	{regexp.MustCompile(`"[^"]*(--[a-z]|\bPAWL_[A-Z])|"pawl [a-z]+[ "]`), func(s source) bool {
		return !s.test && !within(s.dir, "cli") && s.dir != "bench" && !within(s.dir, "examples")
	}, "flags, the environment and commands are the command's own: a library's user has none of them"},
	{regexp.MustCompile(`\bjson\.Delim\b|\.Token\(\)|\.Tag\.(Get|Lookup)\(`), func(s source) bool { return !s.test && s.dir != "schema" },
		"only schema takes JSON and the tags of types apart"},
	{regexp.MustCompile(`"[^"]*\b[A-Z]{3,}_[A-Z_]+`), func(s source) bool {
		return !s.test && within(s.dir, "llm") && path.Base(s.path) != "provider.go"
	}, "a provider names its environment variables where it declares them"},
	{regexp.MustCompile(`\bcontext\.(Background|TODO)\(`), func(s source) bool { return !s.test && !layers[layerOf(s.dir)].main },
		"a context comes from the caller"},
}

func TestBannedWords(t *testing.T) {
	for _, s := range sources(t) {
		if s.path == "arch_test.go" {
			continue
		}
		for i, line := range strings.Split(string(s.text), "\n") {
			if strings.HasPrefix(strings.TrimSpace(line), "//") {
				continue
			}
			for _, b := range bans {
				if b.where(s) && b.word.MatchString(line) {
					t.Errorf("%s:%d: %s: %s", s.path, i+1, strings.TrimSpace(line), b.why)
				}
			}
		}
	}
}

// TestOfflineKnowsNoFlow: the stand-in must not know the flows that it serves.
func TestOfflineKnowsNoFlow(t *testing.T) {
	prompts, err := fs.Glob(os.DirFS("."), "flows/*/prompts/*.md")
	if err != nil || len(prompts) == 0 {
		t.Fatal("no prompts found", err)
	}
	phrase := regexp.MustCompile(`[A-Za-z]+(?: [A-Za-z]+){4}`) // five words in a row
	for _, s := range sources(t) {
		if s.dir != "llm/offline" || s.test {
			continue
		}
		for _, p := range prompts {
			text, err := os.ReadFile(p)
			if err != nil {
				t.Fatal(err)
			}
			for _, words := range phrase.FindAllString(string(text), -1) {
				if bytes.Contains(s.text, []byte(words)) {
					t.Errorf("%s quotes %s: %q", s.path, p, words)
				}
			}
		}
	}
}

// TestArchitectureNamesFolders: every folder of the table stands in
// ARCHITECTURE.md, and every direct dependency has its line there.
func TestArchitectureNamesFolders(t *testing.T) {
	text, err := os.ReadFile("ARCHITECTURE.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range layers {
		if l.dir != "." && !bytes.Contains(text, fmt.Appendf(nil, "`%s/`", l.dir)) {
			t.Errorf("ARCHITECTURE.md does not name `%s/`", l.dir)
		}
	}
	mod, err := os.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	direct := regexp.MustCompile(`(?m)^\t(\S+) v\S+$`)
	for _, m := range direct.FindAllSubmatch(mod, -1) {
		if !bytes.Contains(text, m[1]) {
			t.Errorf("ARCHITECTURE.md does not say what %s is for", m[1])
		}
	}
}
