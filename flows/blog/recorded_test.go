package blog_test

import (
	"testing"

	"github.com/pawlrun/pawl/flows/blog"
	"github.com/pawlrun/pawl/flows/internal/housetest"
)

func TestRecordedRuns(t *testing.T) { housetest.RecordedRuns(t, blog.Flow) }
