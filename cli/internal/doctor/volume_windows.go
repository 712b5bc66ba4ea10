package doctor

import (
	"path/filepath"

	"golang.org/x/sys/windows"
)

func volumeOf(dir string) (volume, error) {
	name, err := windows.UTF16PtrFromString(dir)
	if err != nil {
		return volume{}, err
	}
	var v volume
	if err := windows.GetDiskFreeSpaceEx(name, &v.free, nil, nil); err != nil {
		return volume{}, err
	}
	root, err := windows.UTF16PtrFromString(filepath.VolumeName(dir) + `\`)
	if err == nil && windows.GetDriveType(root) == windows.DRIVE_REMOTE {
		v.network = "remote drive"
	}
	return v, nil
}
