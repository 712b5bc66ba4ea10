package doctor

import "golang.org/x/sys/unix"

func volumeOf(dir string) (volume, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return volume{}, err
	}
	v := volume{free: s.Bavail * uint64(s.Bsize)}
	if s.Flags&unix.MNT_LOCAL == 0 {
		v.network = unix.ByteSliceToString(s.Fstypename[:])
	}
	return v, nil
}
