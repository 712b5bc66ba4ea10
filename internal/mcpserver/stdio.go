package mcpserver

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// lastWords is how long calls that are being answered when the input ends are waited for.
const lastWords = 10 * time.Second

// mostLine is how many bytes of a line are read to find out whose request it is; mostMessage is
// what is taken.
const mostLine = 64 << 20

// Run serves one client over a pair of streams, a line for each message, until the input ends,
// and then answers what is asked by then; waits end at once. Nothing but the protocol is
// written. Runs that were started go on. The error is that of the streams.
func (s *Server) Run(ctx context.Context, in io.Reader, out io.Writer) error {
	session, err := s.sdk.Connect(ctx, &lines{in: in, out: out, ended: s.end}, nil)
	if err != nil {
		return err
	}
	defer context.AfterFunc(ctx, func() { _ = session.Close() })()
	err = session.Wait()
	if errors.Is(err, io.EOF) || ctx.Err() != nil {
		return nil
	}
	return err
}

// lines is the transport of Run. Unlike the library's it goes on after a line that it cannot
// read, and says which, and it answers what was asked before the input ended.
type lines struct {
	in    io.Reader
	out   io.Writer
	ended func() // called when the input has ended
}

// Connect implements mcp.Transport.
func (l *lines) Connect(context.Context) (mcp.Connection, error) {
	c := &lineConn{lines: l, incoming: make(chan incoming), closed: make(chan struct{}), answered: make(chan struct{}, 1), open: map[jsonrpc.ID]bool{}}
	go c.readLines()
	return c, nil
}

type incoming struct {
	message jsonrpc.Message
	err     error
}

// lineConn is a connection over lines.
type lineConn struct {
	*lines
	incoming chan incoming
	closed   chan struct{}
	once     sync.Once

	writing sync.Mutex // held while a line is written

	mu       sync.Mutex
	open     map[jsonrpc.ID]bool // requests that are not answered
	answered chan struct{}       // has an element when one was
}

// readLines reads until the input ends or the connection is closed. A read of standard input
// cannot be ended from here: the goroutine then ends with the process.
func (c *lineConn) readLines() {
	r := bufio.NewReaderSize(c.in, 64<<10)
	for {
		line, long, err := readLine(r)
		if message := c.decode(line, long); message != nil && !c.pass(incoming{message: message}) {
			return
		}
		if err != nil {
			c.ended()
			c.untilAnswered()
			c.pass(incoming{err: io.EOF})
			return
		}
	}
}

func (c *lineConn) pass(m incoming) bool {
	select {
	case c.incoming <- m:
		return true
	case <-c.closed:
		return false
	}
}

// readLine reads a line, of which it keeps no more than mostLine bytes.
func readLine(r *bufio.Reader) (line []byte, long bool, err error) {
	for {
		part, err := r.ReadSlice('\n')
		if len(line)+len(part) > mostLine {
			long, line = true, nil
		}
		if !long {
			line = append(line, part...)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return bytes.TrimSpace(line), long, err
		}
	}
}

// decode returns the message of a line; nil: there is none, and the client was told why.
func (c *lineConn) decode(line []byte, long bool) jsonrpc.Message {
	switch {
	case long || len(line) > mostMessage:
		c.refuse(line, jsonrpc.CodeInvalidRequest, fmt.Sprintf("the message is larger than %d MiB", mostMessage>>20))
		return nil
	case len(line) == 0:
		return nil
	case !json.Valid(line):
		c.refuse(nil, jsonrpc.CodeParseError, "the line is not JSON")
		return nil
	}
	message, err := jsonrpc.DecodeMessage(line)
	if err != nil {
		c.refuse(line, jsonrpc.CodeInvalidRequest, "the line is no message of JSON-RPC 2.0, one object a line")
		return nil
	}
	if r, ok := message.(*jsonrpc.Request); ok && r.IsCall() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.open[r.ID] {
			c.refuse(nil, jsonrpc.CodeInvalidRequest, fmt.Sprintf("a request with id %v is open", r.ID.Raw()))
			return nil
		}
		c.open[r.ID] = true
	}
	return message
}

// refuse answers a line that is no message.
func (c *lineConn) refuse(line []byte, code int64, message string) {
	var of struct {
		ID json.RawMessage `json:"id"`
	}
	if json.Unmarshal(line, &of) != nil || len(of.ID) == 0 || of.ID[0] == '{' || of.ID[0] == '[' {
		of.ID = json.RawMessage("null")
	}
	text, err := json.Marshal(struct {
		Version string          `json:"jsonrpc"`
		ID      json.RawMessage `json:"id"`
		Error   *jsonrpc.Error  `json:"error"`
	}{"2.0", of.ID, &jsonrpc.Error{Code: code, Message: message}})
	if err == nil {
		_ = c.write(text) // who cannot be written to is gone, which a read says
	}
}

func (c *lineConn) write(text []byte) error {
	c.writing.Lock()
	defer c.writing.Unlock()
	_, err := c.out.Write(append(text, '\n'))
	return err
}

// untilAnswered waits until no request is open, or as long as lastWords says.
func (c *lineConn) untilAnswered() {
	late := time.NewTimer(lastWords)
	defer late.Stop()
	for {
		c.mu.Lock()
		n := len(c.open)
		c.mu.Unlock()
		if n == 0 {
			return
		}
		select {
		case <-c.answered:
		case <-c.closed:
			return
		case <-late.C:
			return
		}
	}
}

// Read implements mcp.Connection.
func (c *lineConn) Read(ctx context.Context) (jsonrpc.Message, error) {
	select {
	case m := <-c.incoming:
		return m.message, m.err
	case <-c.closed:
		return nil, io.EOF
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Write implements mcp.Connection.
func (c *lineConn) Write(_ context.Context, m jsonrpc.Message) error {
	text, err := jsonrpc.EncodeMessage(m)
	if err != nil {
		return err
	}
	err = c.write(text)
	if r, ok := m.(*jsonrpc.Response); ok {
		c.mu.Lock()
		delete(c.open, r.ID)
		c.mu.Unlock()
		select {
		case c.answered <- struct{}{}:
		default:
		}
	}
	return err
}

// Close implements mcp.Connection.
func (c *lineConn) Close() error {
	c.once.Do(func() { close(c.closed) })
	return nil
}

// SessionID implements mcp.Connection.
func (c *lineConn) SessionID() string { return "" }
