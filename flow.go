package pawl

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"reflect"

	"github.com/pawlrun/pawl/host"
	"github.com/pawlrun/pawl/schema"
)

// FlowOf is a flow with typed input and output; see New. It is immutable and
// may be used by any number of runs at once.
type FlowOf[In, Out any] struct {
	info    FlowInfo // without what digests says
	digests func() (fingerprint string, parts map[string]string)
	fn      func(*Run, In) (Out, error)

	prompts  replacements // nil: the listed prompts are as they were made
	replaced []PromptFile // what they were made of
}

// New makes a flow. The name is what people type: 1 to 64 of a-z A-Z 0-9 _ - . and
// neither - first nor . or .. whole.
// The purpose is one line for lists and help. In is a struct; its fields become
// flags of `pawl run`. fn is ordinary code whose effects all go through steps.
//
// New is for package-level values: it panics if a type cannot be described, the
// example does not fit or a name is not one.
func New[In, Out any](name, purpose string, fn func(*Run, In) (Out, error), opts ...FlowOption) *FlowOf[In, Out] {
	info := FlowInfo{Name: name, Purpose: purpose, Example: json.RawMessage("null")}
	fail := func(err error) { panic(fmt.Sprintf("pawl.New(%q): %v", name, err)) }
	if err := host.CheckName(name); err != nil {
		fail(err)
	}
	if purpose == "" || fn == nil {
		fail(fmt.Errorf("purpose and function are required"))
	}
	if t := reflect.TypeFor[In](); t.Kind() != reflect.Struct {
		fail(fmt.Errorf("input %v is not a struct", t))
	}
	var err error
	if info.Input, err = schema.For[In](); err != nil {
		fail(fmt.Errorf("input: %w", err))
	}
	if info.Output, err = schema.For[Out](); err != nil {
		fail(fmt.Errorf("output: %w", err))
	}
	for _, opt := range opts {
		opt.applyFlow(&info)
	}
	f := &FlowOf[In, Out]{info: info, fn: fn}
	if string(info.Example) != "null" {
		// Whoever runs it gives it to CheckInput again.
		if f.info.Example, err = f.checkInput(info.Example, f.info.Input.Precheck); err != nil {
			fail(fmt.Errorf("example: %w", err))
		}
	}
	f.digests = digests(f.info)
	return f
}

// FlowOption describes a flow further: Prompts, Example, Doc, Sources.
type FlowOption interface{ applyFlow(*FlowInfo) }

type flowOption func(*FlowInfo)

func (set flowOption) applyFlow(info *FlowInfo) { set(info) }

// Prompts lists the prompts that a flow uses, so that they can be shown and
// checked before it ever runs.
func Prompts(prompts ...interface{ Info() PromptInfo }) FlowOption {
	return flowOption(func(info *FlowInfo) {
		for _, p := range prompts {
			info.Prompts = append(info.Prompts, p.Info())
			var own replaceable
			if known, ok := p.(replaceable); ok {
				own = known.self()
			}
			info.listed = append(info.listed, own)
		}
	})
}

// Example gives an input that works, for trying the flow out and for the docs.
func Example[In any](in In) FlowOption {
	raw, err := schema.Marshal(in)
	if err != nil {
		panic(fmt.Sprintf("pawl.Example(%T): %v", in, err))
	}
	return flowOption(func(info *FlowInfo) { info.Example = raw })
}

// Doc says what a flow is for its readers: in lists, in lessons, beside its graph. It is
// an option of New.
type Doc struct {
	Level   string `json:"level"`   // beginner, intermediate, advanced; may be empty
	Pattern string `json:"pattern"` // "chain", "orchestrator and workers"; may be empty
	Visible string `json:"visible"` // what a reader sees of a run, a line; may be empty
	Why     string `json:"why"`     // why it is made like this, a line; may be empty
}

func (d Doc) applyFlow(info *FlowInfo) { info.Doc = d }

// Sources lets a flow carry the files that it is written in, so that views can show the
// code of a step:
//
//	//go:embed *.go
//	var sources embed.FS
//
//	var Flow = pawl.New("article", "…", article, pawl.Sources(sources))
func Sources(files fs.FS) FlowOption {
	return flowOption(func(info *FlowInfo) { info.Sources = files })
}

// Name returns the flow's name.
func (f *FlowOf[In, Out]) Name() string { return f.info.Name }

// Describe says what can be known without running the flow.
func (f *FlowOf[In, Out]) Describe() FlowInfo {
	info := f.info
	info.Fingerprint, info.Parts = f.digests()
	return info
}

// CheckInput implements Flow.
func (f *FlowOf[In, Out]) CheckInput(raw json.RawMessage) (json.RawMessage, error) {
	return f.checkInput(raw, f.info.Input.Check)
}

// checkInput is CheckInput with a way to check by the schema.
func (f *FlowOf[In, Out]) checkInput(raw json.RawMessage, check func([]byte) (json.RawMessage, error)) (json.RawMessage, error) {
	bad := func(err error) error {
		return &Error{Kind: ErrInput, Message: fmt.Sprintf("input of %s: %v", f.info.Name, err), Err: err}
	}
	checked, err := check(raw)
	if err != nil {
		return nil, bad(err)
	}
	in, err := decode[In](checked)
	if err != nil {
		return nil, bad(err)
	}
	if err := recovered("Validate", func() (err error) {
		err, _ = host.Sound(validate(&in))
		return err
	}); err != nil {
		return nil, bad(err)
	}
	return checked, nil
}

// recovered calls a method of an author's type where no flow code is executed, and
// returns its panic as an error.
func recovered(method string, call func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%s panicked: %s%s", method, host.PanicText(p), host.PanicPlace())
		}
	}()
	return call()
}

// Invoke implements Flow.
func (f *FlowOf[In, Out]) Invoke(h host.Host, raw json.RawMessage) (json.RawMessage, error) {
	in, err := decode[In](raw)
	if err != nil {
		return nil, &Error{Kind: ErrInput, Message: fmt.Sprintf("input of %s: %v", f.info.Name, err), Err: host.ErrUnfit}
	}
	out, err := f.fn(&Run{host: h, prompts: f.prompts}, in)
	if err != nil {
		return nil, err
	}
	return f.output(out)
}

func (f *FlowOf[In, Out]) output(out Out) (json.RawMessage, error) {
	if err := validate(&out); err != nil {
		return nil, fmt.Errorf("output of %s: %w", f.info.Name, err)
	}
	raw, err := schema.Marshal(out)
	if err != nil {
		return nil, fmt.Errorf("output of %s: %w", f.info.Name, err)
	}
	if raw, err = f.info.Output.Check(raw); err != nil {
		return nil, fmt.Errorf("output of %s: %w", f.info.Name, err)
	}
	return raw, nil
}

// Markdown implements Flow. An output has a form for people if its type is a
// string or has a method Markdown() string, of which a panic is taken for no form.
func (f *FlowOf[In, Out]) Markdown(raw json.RawMessage) (text string, ok bool) {
	out, err := decode[Out](raw)
	if err != nil {
		return "", false
	}
	if m, ok := method[interface{ Markdown() string }](&out); ok {
		err := recovered("Markdown", func() error { text = m.Markdown(); return nil })
		return text, err == nil
	}
	if v := reflect.ValueOf(out); v.Kind() == reflect.String {
		return v.String(), true
	}
	return "", false
}

// NotApproved returns why an output is not approved, for the reason of the run's record;
// empty: it is, or nothing judges it. An output's type says so with a method
// NotApproved() string, of which a panic is taken for nothing.
func (f *FlowOf[In, Out]) NotApproved(raw json.RawMessage) (why string) {
	type judged interface{ NotApproved() string }
	if t, own := reflect.TypeFor[Out](), reflect.TypeFor[judged](); !t.Implements(own) && !reflect.PointerTo(t).Implements(own) {
		return ""
	}
	out, err := decode[Out](raw)
	if err != nil {
		return ""
	}
	if m, ok := method[judged](&out); ok {
		if recovered("NotApproved", func() error { why = m.NotApproved(); return nil }) != nil {
			return ""
		}
	}
	return why
}

func decode[T any](raw json.RawMessage) (T, error) {
	var v T
	err := schema.Unmarshal(raw, &v)
	return v, err
}

// validate calls v's own check, if its type has one.
func validate[T any](v *T) error {
	if c, ok := method[interface{ Validate() error }](v); ok {
		return c.Validate()
	}
	return nil
}

// method returns v as something that has the methods of M, be they its type's
// own or a pointer's. A nil pointer has none.
func method[M, T any](v *T) (M, bool) {
	if m, ok := any(v).(M); ok {
		return m, true
	}
	m, ok := any(*v).(M)
	if ok && reflect.ValueOf(*v).Kind() == reflect.Pointer && reflect.ValueOf(*v).IsNil() {
		return m, false
	}
	return m, ok
}
