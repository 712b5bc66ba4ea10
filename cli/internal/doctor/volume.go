package doctor

// volume is what a directory lies on.
type volume struct {
	free    uint64 // bytes for this user
	network string // the kind of a network file system; empty: it is local
}
