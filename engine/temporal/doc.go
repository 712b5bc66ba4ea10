// Package temporal has Temporal execute runs.
package temporal
