package responsestest

import (
	"maps"
	"net"
	"net/http"
	"strconv"
	"time"
)

// wait blocks for d. If nobody is left to answer it ends the handler instead.
func (s *Server) wait(r *http.Request, d time.Duration) {
	if d <= 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return
	case <-r.Context().Done():
	case <-s.closing:
	}
	panic(http.ErrAbortHandler)
}

// hang blocks until the client goes away or the server closes. It does not return:
// a handler that does would still send an empty success.
func (s *Server) hang(r *http.Request) {
	select {
	case <-r.Context().Done():
	case <-s.closing:
	}
	panic(http.ErrAbortHandler)
}

// write carries the reply out.
func (r Reply) write(s *Server, w http.ResponseWriter, req *http.Request, c Call) {
	maps.Copy(w.Header(), r.header)
	id := "X-Request-Id"
	if c.API == Messages {
		id = "Request-Id"
	}
	if w.Header().Get(id) == "" {
		w.Header().Set(id, "req_"+strconv.Itoa(c.N))
	}
	switch r.kind {
	case kindRaw:
		w.WriteHeader(r.status)
		_, _ = w.Write([]byte(r.body))
	case kindFailure:
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(r.failure.status)
		_, _ = w.Write(mustJSON(c.api().failure(r.failure)))
	case kindReset:
		reset(w)
	case kindHang:
		if c.Stream && r.partial != "" {
			c.api().stream(newEvents(w), c).open(r.partial)
		}
		s.hang(req)
	case kindCut, kindAbort:
		r.breakOff(w, c)
	case kindAnswer, kindKeepOpen:
		if !c.Stream {
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write(mustJSON(c.api().object(r.answer, c)))
			return
		}
		c.api().stream(newEvents(w), c).whole(r.answer)
		if r.kind == kindKeepOpen {
			s.hang(req)
		}
	}
}

// breakOff sends the beginning of an answer.
func (r Reply) breakOff(w http.ResponseWriter, c Call) {
	if c.Stream {
		c.api().stream(newEvents(w), c).open(r.partial)
	} else {
		object := mustJSON(c.api().object(answer{status: "completed", text: r.partial + " and more"}, c))
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", strconv.Itoa(len(object)))
		_, _ = w.Write(object[:len(object)/2])
		_ = http.NewResponseController(w).Flush()
	}
	switch {
	case r.kind == kindAbort:
		reset(w)
	case !c.Stream:
		panic(http.ErrAbortHandler) // closes the connection short of the announced length
	}
}

// reset breaks the connection so that the client gets a TCP reset and not an end.
func reset(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}
