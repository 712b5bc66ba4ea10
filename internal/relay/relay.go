package relay

import (
	"log/slog"
	"strings"
	"sync"

	"github.com/pawlrun/pawl"
)

// Relay passes pieces on. All of it may be called from any goroutine.
type Relay struct {
	log    *slog.Logger
	dir    string    // of the socket; empty: there is none
	once   sync.Once // makes the socket, or sees to it that none is made any more
	server *server   // nil: there is none

	mu        sync.Mutex // guards all below, and every listener's queue
	open      map[attempt]*strings.Builder
	listeners map[pawl.RunID]map[*Listener]bool
	closed    bool
}

// attempt is one whose answer arrives.
type attempt struct {
	run    pawl.RunID
	key    pawl.Key
	number int
}

func attemptOf(p pawl.Piece) attempt { return attempt{p.Run, p.Key, p.Attempt} }

// end is the piece that says that nothing more comes of it.
func (a attempt) end() pawl.Piece {
	return pawl.Piece{Run: a.run, Key: a.key, Attempt: a.number, End: true}
}

// New returns a relay for the runs in a data directory, which it does not make. With an
// empty one only listeners in this process hear it. Where there can be no socket, log
// says why; nil: nobody does.
func New(dir string, log *slog.Logger) *Relay {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Relay{log: log, dir: dir, open: map[attempt]*strings.Builder{}, listeners: map[pawl.RunID]map[*Listener]bool{}}
}

// Tell passes a piece on, and does not wait for anybody. What is sensitive goes nowhere.
func (r *Relay) Tell(p pawl.Piece) {
	if p.Sensitive {
		return
	}
	if r.tell(p) && r.dir != "" {
		r.once.Do(r.listen)
	}
}

// tell reports whether there is something to be heard.
func (r *Relay) tell(p pawl.Piece) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	a := attemptOf(p)
	text := r.open[a]
	switch {
	case r.closed:
		return false
	case p.End && text == nil, !p.End && p.Text == "":
		return false
	case p.End:
		p.Text = ""
		delete(r.open, a)
	default:
		if text == nil {
			text = new(strings.Builder)
			r.open[a] = text
		}
		text.WriteString(p.Text)
	}
	for l := range r.listeners[p.Run] {
		l.put(p)
	}
	return true
}

// Listen returns a listener to a run's pieces.
func (r *Relay) Listen(run pawl.RunID) *Listener {
	l := &Listener{relay: r, run: run, ready: make(chan struct{}, 1), given: map[attempt]bool{}}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return l
	}
	if r.listeners[run] == nil {
		r.listeners[run] = map[*Listener]bool{}
	}
	r.listeners[run][l] = true
	l.catchUp()
	return l
}

// Close removes the socket and ends the connections. Nothing is passed on any more.
func (r *Relay) Close() {
	r.mu.Lock()
	r.closed = true
	clear(r.open)
	clear(r.listeners)
	r.mu.Unlock()
	r.once.Do(func() {})
	if r.server != nil {
		r.server.close()
	}
}

// listen opens the socket.
func (r *Relay) listen() {
	s, err := openSocket(r.dir)
	if err != nil {
		r.log.Info("answers can be followed in this process alone", "error", err)
		return
	}
	r.server = serve(r, s)
}
