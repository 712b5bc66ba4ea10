package doctor

import "fmt"

// Below these a disk is nearly or as good as full.
const (
	fewBytes  = 1 << 30
	noBytes   = 100 << 20
	gibibyte  = 1 << 30
	freeSpace = "free some space, or " + otherData
)

// checkDisk looks at the volume of a directory that there is.
func (r *Report) checkDisk(dir string) {
	v, err := volumeOf(dir)
	if err != nil {
		r.add("disk", Warn, "", "%s: its free space is not known: %v", dir, err)
		return
	}
	r.checkSpace(v)
}

func (r *Report) checkSpace(v volume) {
	free := fmt.Sprintf("%.1f GiB free", float64(v.free)/gibibyte)
	switch {
	case v.free < noBytes:
		r.add("disk", Fail, freeSpace, "%d MiB free", v.free>>20)
	case v.free < fewBytes:
		r.add("disk", Warn, freeSpace, "%d MiB free", v.free>>20)
	case v.network != "":
		r.add("disk", Warn, "keep the data on a local disk: "+otherData, "%s, on a network file system (%s), where locks may not hold", free, v.network)
	default:
		r.AddOK("disk", "%s", free)
	}
}
