package flow

import (
	"time"

	"github.com/pawlrun/pawl"
)

func ignored(r *pawl.Run, in Input) (string, error) {
	time.Sleep(1) //pawlvet:ignore the test wants a run that stands still
	time.Sleep(1) // want `time.Sleep in flow code`
	//pawlvet:ignore likewise
	time.Sleep(1)
	time.Sleep(1) // want `time.Sleep in flow code`
	/* want `//pawlvet:ignore wants a reason behind it` */ //pawlvet:ignore
	time.Sleep(1)                                          // want `time.Sleep in flow code`
	return "", nil
}
