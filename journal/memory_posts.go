package journal

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal/internal/refusal"
)

// memoryPost is a post in its stored form, so that nobody can change it.
type memoryPost struct {
	run                 *memoryRun
	at                  pawl.Time
	decision, directive []byte
	settled             bool
	refused             *Failure
}

// memoryOpen is an open blocker.
type memoryOpen struct {
	run *memoryRun
	key pawl.Key
	seq pawl.Seq
}

// Post implements Posts.
func (m *Memory) Post(ctx context.Context, p Post) (int64, error) {
	decision, directive, err := p.Encode()
	if err != nil {
		return 0, err
	}
	if err := m.begin(ctx, fmt.Sprintf("post to run %q", p.Run)); err != nil {
		return 0, err
	}
	defer m.mu.Unlock()
	r := m.runs[p.Run]
	switch {
	case r == nil:
		return 0, refusal.NotFound(p.Run)
	case r.over():
		return 0, refusal.Over(p.Run, string(r.Summary.Status))
	}
	m.posts = append(m.posts, memoryPost{run: r, at: m.now(), decision: decision, directive: directive})
	m.commit()
	return int64(len(m.posts)), nil
}

// Pending implements Posts.
func (m *Memory) Pending(ctx context.Context, run pawl.RunID) ([]Post, error) {
	if err := m.begin(ctx, "list posts"); err != nil {
		return nil, err
	}
	defer m.mu.Unlock()
	if run != "" && m.runs[run] == nil {
		return nil, refusal.NotFound(run)
	}
	list := []Post{}
	for i, p := range m.posts {
		if p.settled || run == "" && !p.run.held || run != "" && run != p.run.ID {
			continue
		}
		post := Post{ID: int64(i + 1), Run: p.run.ID, At: p.at}
		if err := post.Decode(p.decision, p.directive); err != nil {
			return nil, err
		}
		list = append(list, post)
	}
	return list, nil
}

// Outcome implements Posts.
func (m *Memory) Outcome(ctx context.Context, post int64) (done bool, refused *Failure, err error) {
	if err := m.begin(ctx, fmt.Sprintf("read post %d", post)); err != nil {
		return false, nil, err
	}
	defer m.mu.Unlock()
	if post < 1 || post > int64(len(m.posts)) {
		return false, nil, refusal.NoPost(post)
	}
	p := m.posts[post-1]
	return p.settled, p.refused.clone(), nil
}

func (f *Failure) clone() *Failure {
	if f == nil {
		return nil
	}
	c := *f
	return &c
}

// Open implements Posts.
func (m *Memory) Open(ctx context.Context, f pawl.RunFilter) ([]Open, error) {
	if err := m.begin(ctx, "list open blockers"); err != nil {
		return nil, err
	}
	defer m.mu.Unlock()
	list := []Open{}
	for _, o := range m.open {
		if !o.run.passes(f) {
			continue
		}
		list = append(list, Open{Flow: o.run.Flow, Event: copyEvents(o.run.events[o.seq-1 : o.seq])[0]})
		if len(list) == f.Limit {
			break
		}
	}
	return list, nil
}

// passes reports whether the filter lets a run through.
func (r *memoryRun) passes(f pawl.RunFilter) bool {
	return strings.HasPrefix(string(r.ID), string(f.Prefix)) && (f.Flow == "" || f.Flow == r.Flow)
}

// over reports whether the run is done or canceled.
func (r *memoryRun) over() bool {
	return r.Summary.Status == pawl.StatusDone || r.Summary.Status == pawl.StatusCanceled
}

// pending reports whether a post is pending for the run.
func (m *Memory) pending(r *memoryRun) bool {
	return slices.ContainsFunc(m.posts, func(p memoryPost) bool { return p.run == r && !p.settled })
}

// checkSettled refuses what cannot be settled, before anything is changed.
func (m *Memory) checkSettled(r *memoryRun, all []Settled) error {
	seen := map[int64]bool{}
	for _, s := range all {
		switch {
		case s.Post < 1 || s.Post > int64(len(m.posts)) || m.posts[s.Post-1].run != r:
			return refusal.NotPosted(r.ID, s.Post)
		case m.posts[s.Post-1].settled || seen[s.Post]:
			return refusal.Settled(r.ID, s.Post)
		}
		seen[s.Post] = true
	}
	return nil
}

func (m *Memory) settle(all []Settled) {
	for _, s := range all {
		p := &m.posts[s.Post-1]
		p.settled, p.refused = true, s.Refused.clone()
	}
}

// project applies what the run's last events, which the drafts have become, say
// of its blockers; its end refuses the posts that are pending.
func (m *Memory) project(r *memoryRun, drafts []Draft) {
	first := r.last.Seq - pawl.Seq(len(drafts)) + 1
	for i, d := range drafts {
		if d.Opens || d.Lifts || d.Ends() {
			m.open = slices.DeleteFunc(m.open, func(o memoryOpen) bool { return o.run == r && (d.Ends() || o.key == d.Key) })
		}
		switch {
		case d.Ends():
			m.refuseAll(r, d)
		case d.Opens:
			m.open = append(m.open, memoryOpen{r, d.Key, first + pawl.Seq(i)})
		}
	}
}

func (m *Memory) refuseAll(r *memoryRun, end Draft) {
	for i := range m.posts {
		if p := &m.posts[i]; p.run == r && !p.settled {
			p.settled, p.refused = true, end.Refusal(r.ID)
		}
	}
}
