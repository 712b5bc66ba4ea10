//go:build !unix

package sqlite_test

// appendUntilDiskFails needs limits that only Unix has; nothing calls it here.
func appendUntilDiskFails(string) int { return 2 }
