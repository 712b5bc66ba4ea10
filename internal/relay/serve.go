package relay

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"net"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/limits"
)

const (
	patience = 10 * time.Second // with one who does not ask, or does not read

	maxConnections = limits.RelayConnections
	maxRequest     = limits.RelayRequestBytes
	maxText        = 32 << 10 // bytes of text in one line
)

// request is what one sends who connects.
type request struct {
	Run pawl.RunID `json:"run"`
}

// server answers those who connect to a socket.
type server struct {
	relay *Relay
	at    *socket
	tasks sync.WaitGroup

	mu     sync.Mutex // guards what is below
	conns  map[net.Conn]bool
	closed bool
}

// serve begins to answer. close ends it.
func serve(r *Relay, at *socket) *server {
	s := &server{relay: r, at: at, conns: map[net.Conn]bool{}}
	s.tasks.Go(s.accept)
	return s
}

func (s *server) close() {
	s.at.remove()
	s.at.Close()
	s.mu.Lock()
	s.closed = true
	for conn := range s.conns {
		conn.Close()
	}
	s.mu.Unlock()
	s.tasks.Wait()
}

// accept takes connections until the socket is closed, or can do so no more.
func (s *server) accept() {
	for {
		conn, err := s.at.Accept()
		if err != nil {
			if !errors.Is(err, net.ErrClosed) {
				s.relay.log.Info("answers cannot be followed by other processes any more", "error", err)
			}
			return
		}
		if !s.keep(conn) {
			conn.Close()
			continue
		}
		s.tasks.Go(func() {
			defer s.drop(conn)
			s.answer(conn)
		})
	}
}

// keep takes a connection in if there is room for it.
func (s *server) keep(conn net.Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || len(s.conns) >= maxConnections {
		return false
	}
	s.conns[conn] = true
	return true
}

func (s *server) drop(conn net.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, conn)
	conn.Close()
}

// answer sends what is asked for until either side ends it, or the other one does not
// read for too long.
func (s *server) answer(conn net.Conn) {
	run, ok := readRequest(conn)
	if !ok {
		return
	}
	gone := make(chan struct{})
	s.tasks.Go(func() { // nothing more is to come, so whatever does is the end
		defer close(gone)
		var more [1]byte
		_, _ = conn.Read(more[:])
		conn.Close()
	})
	l := s.relay.Listen(run)
	defer l.Close()
	out := bufio.NewWriterSize(conn, maxText)
	lines := json.NewEncoder(out)
	lines.SetEscapeHTML(false)
	for {
		select {
		case <-gone:
			return
		case <-l.Ready():
		}
		for _, p := range l.Take() {
			_ = conn.SetWriteDeadline(time.Now().Add(patience)) // an error shows when it is written
			if writePiece(lines, p) != nil {
				return
			}
		}
		if out.Flush() != nil {
			return
		}
	}
}

// readRequest returns the run that is asked for.
func readRequest(conn net.Conn) (run pawl.RunID, ok bool) {
	_ = conn.SetReadDeadline(time.Now().Add(patience)) // an error shows when it is read
	in := bufio.NewReaderSize(io.LimitReader(conn, maxRequest), maxRequest)
	line, err := in.ReadBytes('\n')
	var r request
	if err != nil || in.Buffered() > 0 || json.Unmarshal(line, &r) != nil || r.Run == "" {
		return "", false
	}
	return r.Run, conn.SetReadDeadline(time.Time{}) == nil
}

// writePiece writes a piece, a long one as several.
func writePiece(to *json.Encoder, p pawl.Piece) error {
	rest := p.Text
	for len(rest) > maxText {
		cut := maxText
		for cut > maxText-(utf8.UTFMax-1) && !utf8.RuneStart(rest[cut]) { // not further: it may be no UTF-8
			cut--
		}
		p.Text, rest = rest[:cut], rest[cut:]
		if err := to.Encode(p); err != nil {
			return err
		}
	}
	p.Text = rest
	return to.Encode(p)
}
