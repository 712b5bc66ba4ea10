package schema_test

import (
	"encoding/json"
	"fmt"
	"math/big"
	"net/netip"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/pawlrun/pawl/schema"
)

type chain struct {
	Next *chain
	On   []chain
}

type onlyWritten struct{ N int }

func (onlyWritten) MarshalText() ([]byte, error) { return nil, nil }

type hidden struct {
	F func() `json:"-"`
	sync.Mutex
}

func TestEncodable(t *testing.T) {
	for _, c := range []struct {
		value          any
		encodes, reads string // what is wrong
	}{
		{1, "", ""},
		{chain{}, "", ""},
		{&hidden{}, "", ""},
		{time.Time{}, "", ""},
		{netip.Addr{}, "", ""},
		{big.Int{}, "", ""},
		{json.RawMessage{}, "", ""},
		{map[netip.Addr]uint8{}, "", ""},
		{struct{ Any any }{}, "", ""},
		{struct{ S fmt.Stringer }{}, "", "field S: fmt.Stringer cannot be read back from JSON, since it does not say of which type it is"},
		{onlyWritten{}, "", "schema_test.onlyWritten has MarshalText and no UnmarshalText"},
		{make(chan int), "chan int has no form in JSON", "chan int has no form in JSON"},
		{struct {
			A []map[string]*struct{ F func() }
		}{}, "field A[][].F: func() has no form in JSON", "field A[][].F: func() has no form in JSON"},
		{map[float64]int{}, "map[float64]int has no form in JSON: its keys are no texts", "map[float64]int has no form in JSON: its keys are no texts"},
	} {
		typ := reflect.TypeOf(c.value)
		if got := said(schema.Encodable(typ)); got != c.encodes {
			t.Errorf("%s: %q, want %q", typ, got, c.encodes)
		}
		if got := said(schema.RoundTrips(typ)); got != c.reads {
			t.Errorf("%s read back: %q, want %q", typ, got, c.reads)
		}
	}
}

func said(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
