package article_test

import (
	"testing"

	"github.com/pawlrun/pawl/flows/article"
	"github.com/pawlrun/pawl/flows/internal/housetest"
)

func TestRecordedRuns(t *testing.T) { housetest.RecordedRuns(t, article.Flow) }
