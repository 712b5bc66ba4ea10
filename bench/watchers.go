package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// watchers are many who listen to a stream. They stand for programs on other machines, so
// they are a process of their own, whose processor time is told apart, and as cheap as can
// be: they read, count and throw away. What the machine does to pass bytes from one process
// to another counts for the one that sends.
type watchers struct {
	cmd *exec.Cmd
	in  io.Closer
	out *bufio.Reader
}

// watching is what watchers say when they end.
type watching struct {
	Bytes int64
	cpu   time.Duration
}

// watch has so many listen to a stream of the server at an address.
func watch(addr, path string, many int) (*watchers, error) {
	cmd := exec.Command(os.Args[0], processArg, watchersProcess, addr, path, strconv.Itoa(many))
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	w := &watchers{cmd, in, bufio.NewReader(out)}
	if _, err := w.out.ReadString('\n'); err != nil {
		_, gone := w.end()
		return nil, errors.Join(err, gone)
	}
	return w, nil
}

// end ends the watching.
func (w *watchers) end() (seen watching, err error) {
	w.in.Close()
	err = json.NewDecoder(w.out).Decode(&seen)
	err = errors.Join(err, w.cmd.Wait())
	seen.cpu = w.cmd.ProcessState.UserTime() + w.cmd.ProcessState.SystemTime()
	return seen, err
}

// watchersMain listens until stdin ends, and prints a line when all hear and one at the end.
func watchersMain(addr, path, many string) error {
	n, err := strconv.Atoi(many)
	if err != nil {
		return err
	}
	var all sync.WaitGroup
	var bytes atomic.Int64
	conns := make([]net.Conn, n)
	for i := range conns {
		if conns[i], err = openStream(addr, path); err != nil {
			return err
		}
		all.Go(func() {
			buf := make([]byte, 64<<10)
			for {
				n, err := conns[i].Read(buf)
				if bytes.Add(int64(n)); err != nil {
					return
				}
			}
		})
	}
	fmt.Println("ready")
	io.Copy(io.Discard, os.Stdin)
	for _, c := range conns {
		c.Close()
	}
	all.Wait()
	return json.NewEncoder(os.Stdout).Encode(watching{Bytes: bytes.Load()})
}

// openStream asks for a stream and reads the beginning of the answer.
func openStream(addr, path string) (net.Conn, error) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(conn, "GET /api/v1%s HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\n\r\n", path, addr, siteToken)
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", path, resp.Status)
	}
	if err != nil {
		conn.Close()
		return nil, err
	}
	return conn, nil
}
