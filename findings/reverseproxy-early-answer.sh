#!/usr/bin/env bash
# A proxy made of Go's httputil.ReverseProxy now and then tears an answer that comes as soon as
# the request was read: the client gets its beginning, and "unexpected EOF".
#
# Version: Go 1.26.8, and before (https://github.com/golang/go/issues/40747, which is closed). A
# server reads the whole of a POST, answers a part, flushes it, and answers the rest.
# Expected: each answer comes whole.
# Seen: about one in 40,000 on two busy cores is cut after its first part, and the proxy logs "read
# error during body copy: use of closed network connection". Having sent the body, the proxy's
# transport reads once more to see that there is no more of it; when the answer's head is passed
# on first, the proxy's server has closed the body by then, and the error ends the connection to
# the server behind. A proxy that reads bodies whole before it passes them on does not.
. "$(dirname "$0")/setup.bash"
(cd "$dir" && go mod init finding 2>/dev/null)
run_go <<'GO'
package main

import (
	"bytes"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
)

func main() {
	log.SetOutput(io.Discard)
	behind := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.ReadAll(r.Body)
		io.WriteString(w, "begin ")
		w.(http.Flusher).Flush()
		io.WriteString(w, "end")
	}))
	to, err := url.Parse(behind.URL)
	if err != nil {
		panic(err)
	}
	torn := func(whole bool) (torn, all int64) {
		front := httptest.NewServer(&httputil.ReverseProxy{FlushInterval: -1, Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(to)
			if whole {
				body, _ := io.ReadAll(r.In.Body)
				r.Out.Body = io.NopCloser(bytes.NewReader(body))
			}
		}})
		defer front.Close()
		var n, cut atomic.Int64
		var workers sync.WaitGroup
		for range 16 {
			workers.Go(func() {
				for n.Add(1) < 400_000 && (whole && n.Load() < 40_000 || !whole && cut.Load() == 0) {
					resp, err := http.Post(front.URL, "text/plain", bytes.NewReader(make([]byte, 200)))
					if err != nil {
						continue // of the connection, not of an answer
					}
					text, err := io.ReadAll(resp.Body)
					resp.Body.Close()
					if err != nil || string(text) != "begin end" {
						cut.Add(1)
						fmt.Printf("got %q, %v\n", text, err)
					}
				}
			})
		}
		workers.Wait()
		return cut.Load(), n.Load()
	}
	cut, all := torn(false)
	fmt.Printf("%s: %d of %d answers are cut\n", runtime.Version(), cut, all)
	if cut == 0 {
		fmt.Println("answers come whole now")
		os.Exit(1)
	}
	if cut, all := torn(true); cut != 0 {
		fmt.Printf("with bodies read whole, %d of %d are cut, too\n", cut, all)
		os.Exit(1)
	}
}
GO
