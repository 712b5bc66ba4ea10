// Package openaiwire is what the adapters of OpenAI's APIs share beside package wire:
// who the vendor is, and how its SDK, where it is used, is kept to one request that
// nothing but the options decides.
//
//	endpoint := wire.New(wire.Options{Vendor: openaiwire.Vendor(), APIKey: key, Names: names})
//	service := responses.NewResponseService(openaiwire.Service(endpoint, key, baseURL)...)
package openaiwire
