// Package diff says what differs between two texts, in words, and between two JSON values,
// in fields.
//
//	hunks := diff.Words("a quick fox", "a lazy fox")
//	changes, more := diff.Values(before, after, 100)
//
// The same values give the same differences, in whatever order they are asked for. Time and
// memory are bounded by the size of what is compared, whatever it holds: beyond a number
// of changes a stretch of text counts as changed altogether, and elements of a list are
// paired by their places. What is returned is right in any case: [Words] has both
// texts in it, and the changes of [Values], all of them, make the second value of the first.
package diff
