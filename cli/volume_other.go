//go:build !linux && !darwin && !windows

package cli

import "errors"

func volumeOf(string) (volume, error) { return volume{}, errors.ErrUnsupported }
