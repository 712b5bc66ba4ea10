//go:build !linux && !darwin

package sqlite

import (
	"errors"
	"syscall"
)

func isFull(err error) bool { return errors.Is(err, syscall.ENOSPC) }

func hasNoSpace(string) bool { return false }

func bytesLeft(string) (int64, error) { return 0, errors.ErrUnsupported }
