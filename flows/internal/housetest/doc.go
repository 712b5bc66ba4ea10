// Package housetest holds the built-in flows to the rules of the house: what their
// prompts and fields say, what they make of their input, and that the stand-in
// keeps to their gates. How they run is tested with pawltest.
package housetest
