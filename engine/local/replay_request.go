package local

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/host"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
)

// changes says what of a step's question is another one than is recorded.
func (p *replaying) changes(key pawl.Key) []Change {
	asked, ok := p.came.Asked[key]
	rec := p.was.Steps[key]
	switch {
	case !ok || asked.Head.Sensitive: // it may be made of what must not be shown
		return nil
	case asked.Wait != nil:
		return differing(p.recordedWait(rec), waitParts(*asked.Wait))
	case asked.Step.Ask == nil:
		return []Change{{What: "input", Is: pretty(asked.Step.Do.Input)}} // of the recorded one there is a digest alone
	}
	model := p.was.Model().For(asked.Step)
	return differing(p.recordedAsk(key, model), askParts(asked.Step, model))
}

const answerType = "answer type" // the part

// part is a part of a question, as a text.
type part struct{ what, text string }

// differing are the parts that differ, in the order of now, and then those that are gone.
func differing(was, now []part) (all []Change) {
	find := func(list []part, what string) (string, bool) {
		i := slices.IndexFunc(list, func(p part) bool { return p.what == what })
		if i < 0 {
			return "", false
		}
		return list[i].text, true
	}
	for _, n := range now {
		if before, _ := find(was, n.what); before != n.text {
			all = append(all, Change{n.what, before, n.text})
		}
	}
	for _, w := range was {
		if _, still := find(now, w.what); !still {
			all = append(all, Change{w.what, w.text, ""})
		}
	}
	return all
}

func askParts(s host.Step, model string) []part {
	var schema json.RawMessage
	if sent := s.Ask.SentSchema(); sent != nil {
		schema = sent.JSON()
	}
	return requestParts(model, s.Ask.Messages, schema, s.Ask.Temperature, s.Ask.Effort)
}

func requestParts(model string, messages []llm.Message, schema json.RawMessage, temperature *float64, effort string) (all []part) {
	counts := map[llm.Role]int{}
	for _, m := range messages {
		counts[m.Role]++
		what := fmt.Sprintf("%s message", m.Role)
		if n := counts[m.Role]; n > 1 {
			what += fmt.Sprintf(" %d", n)
		}
		all = append(all, part{what, m.Text()})
	}
	if schema != nil {
		all = append(all, part{answerType, indented(schema)})
	}
	all = append(all, part{"model", model})
	if temperature != nil {
		all = append(all, part{"temperature", fmt.Sprint(*temperature)})
	}
	if effort != "" {
		all = append(all, part{"effort", effort})
	}
	return all
}

// recordedAsk are the parts of the request of a step, as it was authored; none: no request
// is recorded. Of the models that were asked it is the given one, if that is among them.
func (p *replaying) recordedAsk(key pawl.Key, model string) []part {
	sent, err := journal.RequestsOf(p.events)
	if err != nil {
		return nil
	}
	var is journal.Intent // the last one that repairs nothing: those have more messages
	var messages []llm.Message
	models := map[string]bool{}
	for _, ev := range p.events {
		if ev.Type != pawl.EventIntent || ev.Key != key {
			continue
		}
		b, err := journal.Decode[journal.Intent](ev)
		if err != nil || b.Request == nil {
			continue
		}
		all, err := sent.Messages(p.ctx, p.blobs, journal.Sent{Key: key, Number: b.Number})
		if err != nil {
			continue
		}
		if n := len(all); len(b.Guidance) > 0 && n > 1 { // what people had added is no part of the question
			all = all[:n-1]
		}
		if is.Request == nil || len(all) <= len(messages) {
			is, messages, models[b.Model] = b, all, true
		}
	}
	if is.Request == nil {
		return nil
	}
	if !models[model] {
		model = is.Model
	}
	schema, _ := p.blobs.Blob(p.ctx, is.Request.Schema)
	return requestParts(model, messages, schema, is.Request.Temperature, is.Request.Effort)
}

func waitParts(w host.Wait) []part {
	var schema json.RawMessage
	if w.Schema != nil {
		schema = w.Schema.JSON()
	}
	return shownParts(w.Question, w.Proposal, schema)
}

func shownParts(question string, proposal, schema json.RawMessage) []part {
	all := []part{{"question", question}}
	if len(proposal) > 0 && string(proposal) != "null" {
		all = append(all, part{"proposal", pretty(proposal)})
	}
	if schema != nil {
		all = append(all, part{answerType, indented(schema)})
	}
	return all
}

// recordedWait are the parts of what a person was asked.
func (p *replaying) recordedWait(rec *replay.Step) []part {
	if rec == nil || rec.Asked == nil {
		return nil
	}
	schema, _ := p.blobs.Blob(p.ctx, rec.Asked.Schema)
	return shownParts(rec.Asked.Question, rec.Asked.Proposal, schema)
}

// indented is JSON over several lines; what is not JSON stays as it is.
func indented(raw []byte) string {
	var b bytes.Buffer
	if json.Indent(&b, raw, "", "  ") != nil {
		return string(raw)
	}
	return strings.TrimSpace(b.String())
}
