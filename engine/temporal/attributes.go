package temporal

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"github.com/pawlrun/pawl"
)

// Search attributes of workflows, for namespaces that have them: by these Temporal finds the runs of
// a flow, or that have failed, among very many. A workflow that was begun without them has none,
// which is asked for as well. Whether a workflow writes them stands in what it begins with: a
// replay has to do the same.
var (
	flowAttribute   = temporal.NewSearchAttributeKeyKeyword("PawlFlow")
	statusAttribute = temporal.NewSearchAttributeKeyKeyword("PawlStatus") // as it is stored
	baseAttribute   = temporal.NewSearchAttributeKeyKeyword("PawlBase")
)

// lookPatience is how long it may take to find out whether a namespace has the attributes.
const lookPatience = 5 * time.Second

// hasAttributes reports whether the namespace has the search attributes.
func (k *keeper) hasAttributes(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, lookPatience)
	defer cancel()
	_, err := k.client.CountWorkflow(ctx, &workflowservice.CountWorkflowExecutionsRequest{
		Query: fmt.Sprintf("%s AND %s='' AND %s='' AND %s=''", k.ofRuns(), flowAttribute.GetName(), statusAttribute.GetName(), baseAttribute.GetName())})
	if none := new(serviceerror.InvalidArgument); err != nil && !errors.As(err, &none) {
		k.settings.log.Debug("lists are read whole: it cannot be looked whether the namespace has search attributes", "error", err.Error())
	}
	return err == nil
}

// attributes are what the list says of a run, to be found by.
func (l listed) attributes() []temporal.SearchAttributeUpdate {
	all := []temporal.SearchAttributeUpdate{flowAttribute.ValueSet(cut(l.Flow, longestFlow)), statusAttribute.ValueSet(string(l.Summary.Status))}
	if l.Base != "" {
		all = append(all, baseAttribute.ValueSet(string(l.Base)))
	}
	return all
}

// longestFlow bounds what databases keep of a name.
const longestFlow = 200

// attribute adds a run's attributes to what its workflow is started with.
func (l listed) attribute(o *client.StartWorkflowOptions) {
	o.TypedSearchAttributes = temporal.NewSearchAttributes(l.attributes()...)
}

// byAttribute is the part of a query for executions whose attribute is one of these, and for
// those without attributes.
func byAttribute[T ~string](key temporal.SearchAttributeKeyKeyword, values []T) string {
	quoted := make([]string, 0, len(values))
	for _, v := range values {
		quoted = append(quoted, "'"+string(v)+"'")
	}
	return fmt.Sprintf(" AND (%s IN (%s) OR %s IS NULL)", key.GetName(), strings.Join(quoted, ", "), statusAttribute.GetName())
}

// isAskable reports whether a flow's name can stand in a query as it is.
func isAskable(flow string) bool {
	return flow != "" && len(flow) <= longestFlow && !strings.ContainsAny(flow, `'"\`)
}

// isFew reports whether runs of these statuses are few beside all that have ended well.
func isFew(statuses []pawl.Status) bool {
	for _, s := range statuses {
		if s == pawl.StatusDone || s == pawl.StatusCanceled {
			return false
		}
	}
	return len(statuses) > 0
}
