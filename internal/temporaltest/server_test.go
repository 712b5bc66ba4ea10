package temporaltest

import (
	"context"
	"testing"
	"time"

	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
)

func TestMain(m *testing.M) { Main(m) }

func dial(t *testing.T, s *Server) client.Client {
	t.Helper()
	c, err := client.Dial(client.Options{HostPort: s.Address, Namespace: s.Namespace, Logger: quiet{}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// TestVersions: the servers are the ones that their names say.
func TestVersions(t *testing.T) {
	Each(t, func(t *testing.T, s *Server) {
		info, err := dial(t, s).WorkflowService().GetSystemInfo(context.Background(), &workflowservice.GetSystemInfoRequest{})
		if err != nil {
			t.Fatal(err)
		}
		if info.ServerVersion != s.Name {
			t.Errorf("it is %s, not %s", info.ServerVersion, s.Name)
		}
	})
}

// TestRestart: a workflow is there after the server's death.
func TestRestart(t *testing.T) {
	s := Start(t)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	_, err := dial(t, s).ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: "kept", TaskQueue: "nobody"}, "none")
	if err != nil {
		t.Fatal(err)
	}
	s.Restart(t)
	if _, err := dial(t, s).DescribeWorkflowExecution(ctx, "kept", ""); err != nil {
		t.Error(err)
	}
}
