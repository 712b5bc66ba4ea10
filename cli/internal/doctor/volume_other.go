//go:build !linux && !darwin && !windows

package doctor

import "errors"

func volumeOf(string) (volume, error) { return volume{}, errors.ErrUnsupported }
