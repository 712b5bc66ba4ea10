package doctor

import "testing"

func TestDiskVerdicts(t *testing.T) {
	for _, tt := range []struct {
		volume volume
		want   Verdict
	}{
		{volume{free: 100<<20 - 1}, Fail},
		{volume{free: 100 << 20}, Warn},
		{volume{free: 1<<30 - 1}, Warn},
		{volume{free: 1 << 30}, OK},
		{volume{free: 1 << 40, network: "nfs"}, Warn},
		{volume{free: 1, network: "nfs"}, Fail},
	} {
		var r Report
		r.checkSpace(tt.volume)
		if f := r.Findings[0]; f.Status != tt.want || (f.Remedy == "") != (tt.want == OK) {
			t.Errorf("%+v: %+v, wants %s", tt.volume, f, tt.want)
		}
	}
}
