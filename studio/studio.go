// Package studio is the page on which people see, understand and steer runs: built files,
// embedded, that a program serves beside the API which they ask.
//
// The sources are in src (Preact, TypeScript); `make studio` builds dist, which is committed, so
// that whoever installs the program has the page. With the build tag no_ui it is left out.
package studio

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
)

// file is a built file as it is sent.
type file struct {
	kind    string // its Content-Type
	plain   []byte
	packed  []byte // by gzip
	tag     string // its ETag
	forever bool   // its name says what is in it
}

// Handler returns a handler for the page's files. A path without one is a place of the page,
// and answered with the page itself. It returns nil if the page was left out.
func Handler() http.Handler {
	files, err := load(dist)
	if err != nil || files["index.html"].plain == nil {
		return nil
	}
	return handler(files)
}

type handler map[string]file

// ServeHTTP implements http.Handler.
func (h handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "the page is only read", http.StatusMethodNotAllowed)
		return
	}
	name := strings.TrimPrefix(path.Clean("/"+r.URL.Path), "/")
	f, ok := h[name]
	if !ok {
		if strings.HasPrefix(name, "assets/") {
			http.NotFound(w, r) // of an older page: it is not to get this one for a script
			return
		}
		f = h["index.html"]
	}
	head := w.Header()
	head.Set("Content-Type", f.kind)
	head.Set("ETag", f.tag)
	head.Set("Vary", "Accept-Encoding")
	head.Set("Cache-Control", "no-cache")
	if f.forever {
		head.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	if r.Header.Get("If-None-Match") == f.tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	body := f.plain
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		head.Set("Content-Encoding", "gzip")
		body = f.packed
	}
	if r.Method == http.MethodGet {
		_, _ = w.Write(body) // whoever went away needs no answer
	}
}

// load reads all built files.
func load(from fs.FS) (map[string]file, error) {
	files := map[string]file{}
	err := fs.WalkDir(from, "dist", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		plain, err := fs.ReadFile(from, p)
		if err != nil {
			return err
		}
		var packed bytes.Buffer
		z, _ := gzip.NewWriterLevel(&packed, gzip.BestCompression) // the level exists
		if _, err := io.Copy(z, bytes.NewReader(plain)); err != nil {
			return err
		}
		if err := z.Close(); err != nil {
			return err
		}
		sum := sha256.Sum256(plain)
		name := strings.TrimPrefix(p, "dist/")
		files[name] = file{kind: kindOf(name), plain: plain, packed: packed.Bytes(), tag: `"` + hex.EncodeToString(sum[:8]) + `"`, forever: strings.HasPrefix(name, "assets/")}
		return nil
	})
	return files, err
}

// kindOf is the type of a file, whatever the machine knows of types.
func kindOf(name string) string {
	switch path.Ext(name) {
	case ".html":
		return "text/html; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	}
	return mime.TypeByExtension(path.Ext(name))
}
