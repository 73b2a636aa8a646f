package handover

import (
	"testing"
	"time"
)

func TestLeft(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		done, total int
		took, want  time.Duration
	}{
		{0, 10, time.Second, 0},
		{10, 10, time.Second, 0},
		{11, 10, time.Second, 0},
		{5, 10, 10 * time.Second, 10 * time.Second},
		{1, 1000, time.Second, 999 * time.Second},
		{900, 1000, 9 * time.Minute, time.Minute},
		{1, 2, 0, 0},
	} {
		if got := Left(tt.done, tt.total, tt.took); got != tt.want {
			t.Errorf("Left(%d, %d, %v) = %v, want %v", tt.done, tt.total, tt.took, got, tt.want)
		}
	}
}
