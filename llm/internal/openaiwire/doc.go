// Package openaiwire is what the adapters of OpenAI's APIs share beside package wire:
// who the vendor is, and where.
//
//	endpoint := wire.New(wire.Options{Vendor: openaiwire.Vendor(), APIKey: key, Names: names})
package openaiwire
