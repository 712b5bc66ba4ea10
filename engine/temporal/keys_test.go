package temporal

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	"google.golang.org/protobuf/proto"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/internal/enginetest"
	"github.com/pawlrun/pawl/internal/temporaltest"
	"github.com/pawlrun/pawl/llm"
)

// keyOf is a key made of one letter.
func keyOf(letter string) []byte { return []byte(strings.Repeat(letter, 32)) }

// TestKeys: what one key has encrypted another does not read, and what was changed is refused.
func TestKeys(t *testing.T) {
	one, err := newKeys([][]byte{keyOf("a")})
	if err != nil {
		t.Fatal(err)
	}
	both, err := newKeys([][]byte{keyOf("b"), keyOf("a")})
	if err != nil {
		t.Fatal(err)
	}
	plain := &commonpb.Payload{Metadata: map[string][]byte{"encoding": []byte("json/plain")}, Data: []byte(`"the plum tree"`)}
	sealed, err := one.seal(plain)
	if err != nil || bytes.Contains(sealed.GetData(), []byte("plum")) {
		t.Fatalf("%s, %v", sealed.GetData(), err)
	}
	if twice, err := one.seal(sealed); err != nil || twice != sealed {
		t.Errorf("what is encrypted is encrypted again, %v", err)
	}
	for name, k := range map[string]*keys{"its key": one, "one of two": both} {
		if got, err := k.open(sealed); err != nil || !proto.Equal(got, plain) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
		if got, err := k.open(plain); err != nil || !proto.Equal(got, plain) {
			t.Errorf("%s, of what is from before there were keys: %v, %v", name, got, err)
		}
	}
	for size, same := range map[int]bool{100: false, inline - 28: false, inline - 27: true, 2 * inline: true} { // a blob is to have one name
		p := &commonpb.Payload{Metadata: map[string][]byte{"encoding": []byte("json/plain"), "other": nil}, Data: make([]byte, size)}
		p.Data = p.Data[:2*size-proto.Size(p)]
		a, err := one.seal(p)
		b, err2 := one.seal(p)
		if err != nil || err2 != nil || bytes.Equal(a.GetData(), b.GetData()) != same {
			t.Errorf("%d bytes, encrypted twice, are not the same: %v, %v, %v", size, same, err, err2)
		}
		if got, err := both.open(a); err != nil || !proto.Equal(got, p) {
			t.Errorf("%d bytes: %v", size, err)
		}
	}
	other, err := newKeys([][]byte{keyOf("c")})
	if err != nil {
		t.Fatal(err)
	}
	changed := proto.Clone(sealed).(*commonpb.Payload)
	changed.Data[len(changed.Data)/2] ^= 1
	cut := proto.Clone(sealed).(*commonpb.Payload)
	cut.Data = cut.Data[:5]
	for want, open := range map[string]func() (*commonpb.Payload, error){
		"which is none of the keys":      func() (*commonpb.Payload, error) { return other.open(sealed) },
		"there are no keys":              func() (*commonpb.Payload, error) { return (*keys)(nil).open(sealed) },
		"it is not what was encrypted":   func() (*commonpb.Payload, error) { return one.open(changed) },
		"it is not what was encrypted w": func() (*commonpb.Payload, error) { return one.open(cut) },
	} {
		if _, err := open(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	for _, bad := range [][]byte{nil, keyOf("a")[:31], append(keyOf("a"), 'a')} {
		if _, err := newKeys([][]byte{keyOf("b"), bad}); err == nil || !strings.Contains(err.Error(), "key 2 of Keys has") || strings.Contains(err.Error(), "aaaa") {
			t.Errorf("a key of %d bytes: %v", len(bad), err)
		}
	}
}

// TestEncrypted: with keys nothing that a run is about can be read in Temporal or in the store of
// blobs, whoever has the keys goes on with it, also by a new one, and who has them not is
// told so.
func TestEncrypted(t *testing.T) { temporaltest.Each(t, testEncrypted) }

func testEncrypted(t *testing.T, s *temporaltest.Server) {
	const secret = "the plum tree"
	type input struct {
		Topic string `json:"topic"`
	}
	f := pawl.New("hidden", "Is a test.", func(r *pawl.Run, in input) (string, error) {
		r.Note("about %s", in.Topic)
		said := pawl.Ask(r, "ask", enginetest.Text("Write of "+in.Topic))
		pawl.Do(r, "code", in.Topic, func(_ context.Context, topic string) (string, error) { return strings.Repeat(topic, 30_000), nil })
		if _, err := pawl.TryDo(r, "broken", 1, func(context.Context, int) (int, error) { return 0, errors.New("no " + secret) }); err == nil {
			return "", errors.New("it did not fail")
		}
		who := pawl.Input[string](r, "who", "Who owns "+in.Topic+"?")
		return said[:5] + who, nil
	})
	m := asker(func(context.Context, llm.Request) (string, error) { return strings.Repeat(secret, 30_000), nil })
	dir := t.TempDir()
	o := Options{Models: llm.Catalog{"test": m}, Flows: []pawl.Flow{f}, Blobs: Directory(dir), Keys: [][]byte{keyOf("a")}}
	deploy := deployed(t, s, o)
	e := deploy("one")
	id, err := e.Start(t.Context(), f, []byte(`{"topic":"`+secret+`"}`), nil)
	if err != nil {
		t.Fatal(err)
	}
	if rec := enginetest.Follow(t, e, id); rec.Status != pawl.StatusWaiting {
		t.Fatalf("%s (%s)", rec.Status, rec.Reason)
	}
	if runs, err := e.List(t.Context(), pawl.RunFilter{Text: secret}); err != nil || len(runs) != 1 {
		t.Errorf("searched for: %v, %v", runs, err)
	}
	closed(t, e)

	open := func(keys ...[]byte) *Engine {
		t.Helper()
		o := o
		o.Keys = keys
		log, _ := told(t)
		o.Logger = log
		return deployedOn(t, s, o, e, "one")
	}
	for want, other := range map[string]*Engine{"there are no keys": open(), "is none of the keys": open(keyOf("c"))} {
		if _, err := other.Get(t.Context(), id); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
		if runs, err := other.List(t.Context(), pawl.RunFilter{}); err != nil || len(runs) != 0 {
			t.Errorf("listed: %v, %v", runs, err)
		}
	}

	o.Keys = [][]byte{keyOf("b"), keyOf("a")} // of which the first is new
	later := open(o.Keys...)
	if err := later.Execute(); err != nil {
		t.Fatal(err)
	}
	d := pawl.Decision{Key: "who", What: pawl.DecideAnswer, Value: []byte(`"` + secret + `"`), Comment: secret, Who: "ann"}
	if err := later.Decide(t.Context(), id, d); err != nil {
		t.Fatal(err)
	}
	if rec := enginetest.Follow(t, later, id); rec.Status != pawl.StatusDone || string(rec.Output) != `"the p`+secret+`"` {
		t.Errorf("%s (%s) %s", rec.Status, rec.Reason, rec.Output)
	}

	var all [][]byte
	for h := later.client.GetWorkflowHistory(t.Context(), later.keeper.workflowID(id), "", false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT); h.HasNext(); {
		ev, err := h.Next()
		if err != nil {
			t.Fatal(err)
		}
		raw, err := proto.Marshal(ev)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, raw)
	}
	described, err := later.client.DescribeWorkflowExecution(t.Context(), later.keeper.workflowID(id), "")
	if err != nil {
		t.Fatal(err)
	}
	raw, err := proto.Marshal(described)
	if err != nil {
		t.Fatal(err)
	}
	all = append(all, raw)
	blobs := 0
	err = filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		blobs++
		data, err := os.ReadFile(path)
		all = append(all, data)
		return err
	})
	if err != nil || blobs < 2 || len(all) < 20 {
		t.Fatalf("%d blobs, %d values, %v", blobs, len(all), err)
	}
	for _, raw := range all {
		if i := bytes.Index(raw, []byte("plum")); i >= 0 {
			t.Errorf("it can be read: %q", raw[max(0, i-100):min(len(raw), i+40)])
		}
	}
	for _, letter := range "ab" {
		k, err := newKeys([][]byte{keyOf(string(letter))})
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Contains(bytes.Join(all, nil), []byte(k.first)) {
			t.Errorf("nothing is encrypted with key %c", letter)
		}
	}
}

// TestOneBlob: a large value is one blob, however often it is kept: each replay keeps it again.
func TestOneBlob(t *testing.T) {
	k, err := newKeys([][]byte{keyOf("a")})
	if err != nil {
		t.Fatal(err)
	}
	for name, k := range map[string]*keys{"plain": nil, "encrypted": k} {
		dir := t.TempDir()
		c := codec{t.Context(), k, Directory(dir), taskPatience}
		for range 20 {
			if _, err := c.Encode([]*commonpb.Payload{{Metadata: map[string][]byte{"encoding": []byte("json/plain")}, Data: make([]byte, 2*inline)}}); err != nil {
				t.Fatal(err)
			}
		}
		if all, err := filepath.Glob(filepath.Join(dir, "*", "*")); err != nil || len(all) != 1 {
			t.Errorf("%s: %d blobs, %v", name, len(all), err)
		}
	}
}
