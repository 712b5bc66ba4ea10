package offline

// seed is a stream of numbers that looks random and depends on its start alone
// (splitmix64). It is not math/rand because its numbers must never change: the
// texts of this package are compared with stored ones.
type seed uint64

func (s *seed) next() uint64 {
	*s += 0x9e3779b97f4a7c15
	z := uint64(*s)
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb
	return z ^ (z >> 31)
}

// below returns a number from 0 to n-1; n is at least 1.
func (s *seed) below(n int) int { return int(s.next() % uint64(n)) }

// with returns an independent seed for the part that name stands for.
func (s seed) with(name string) seed { return seed(hash(uint64(s)^hashStart, name)) }

// order returns the numbers 0 to n-1 shuffled.
func (s *seed) order(n int) []int {
	out := make([]int, n)
	for i := range out {
		j := s.below(i + 1)
		out[i] = out[j]
		out[j] = i
	}
	return out
}

const hashStart = 0xcbf29ce484222325

// hash continues h over text (FNV-1a, 64 bits).
func hash[T string | []byte](h uint64, text T) uint64 {
	for i := range len(text) {
		h = (h ^ uint64(text[i])) * 0x100000001b3
	}
	return h
}
