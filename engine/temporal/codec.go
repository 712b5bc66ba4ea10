package temporal

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/workflow"
	"google.golang.org/protobuf/proto"
)

const (
	inline       = 256 << 10 // bytes of a payload that stays where it is
	blobEncoding = "pawl/blob"
)

// How long a store of blobs may fail before whoever needs it does: a caller or an activity,
// which may have an answer that was paid for; and a workflow, whose task is tried again.
const (
	storePatience = time.Minute
	taskPatience  = 5 * time.Second
	storeGap      = 200 * time.Millisecond // between two tries
)

// codec encrypts payloads, if there are keys, and puts large ones into a store of blobs, if
// there is one, and their digests in the place of them. What it has made it leaves as it is.
type codec struct {
	ctx      context.Context // of those who ask for no context: it does not end
	keys     *keys
	blobs    Blobs
	patience time.Duration
}

var _ converter.PayloadCodec = (*codec)(nil)

// contextual is a converter that is another one in workflows.
type contextual struct {
	converter.DataConverter
	inWorkflow converter.DataConverter
}

// WithWorkflowContext implements workflow.ContextAware.
func (c contextual) WithWorkflowContext(workflow.Context) converter.DataConverter {
	return c.inWorkflow
}

// WithContext implements workflow.ContextAware.
func (c contextual) WithContext(context.Context) converter.DataConverter { return c.DataConverter }

// converter returns what writes and reads payloads. Also without keys and a store of blobs it
// knows what others have made with them, and says so. It does not stop the SDK's search for
// deadlocks (workflow.DataConverterWithoutDeadlockDetection): local activities use the converter of
// their workflow on goroutines of their own, and then that and the workflow may wait for each
// other for ever (go.temporal.io/sdk 1.50). A task has 10 seconds anyway, see deadlock, and
// taskPatience is half of that.
func (s *settings) converter() converter.DataConverter {
	plain := converter.GetDefaultDataConverter()
	return contextual{
		converter.NewCodecDataConverter(plain, &codec{s.ctx, s.keys, s.blobs, storePatience}),
		converter.NewCodecDataConverter(plain, &taskCodec{codec{s.ctx, s.keys, s.blobs, taskPatience}}),
	}
}

// taskCodec is the codec of workflows. There an error would end some of them, and a panic has
// the task be tried again.
type taskCodec struct{ codec }

// Encode implements converter.PayloadCodec.
func (c *taskCodec) Encode(payloads []*commonpb.Payload) ([]*commonpb.Payload, error) {
	out, err := c.codec.Encode(payloads)
	if err != nil {
		panic(err)
	}
	return out, nil
}

// Decode implements converter.PayloadCodec.
func (c *taskCodec) Decode(payloads []*commonpb.Payload) ([]*commonpb.Payload, error) {
	out, err := c.codec.Decode(payloads)
	if err != nil {
		panic(err)
	}
	return out, nil
}

// Encode implements converter.PayloadCodec.
func (c *codec) Encode(payloads []*commonpb.Payload) ([]*commonpb.Payload, error) {
	out := make([]*commonpb.Payload, len(payloads))
	for i, p := range payloads {
		p, err := c.keys.seal(p)
		if err != nil {
			return nil, err
		}
		if out[i] = p; len(p.GetData()) <= inline || c.blobs == nil {
			continue
		}
		data, err := marshal(p)
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(data)
		digest := hex.EncodeToString(sum[:])
		if err := c.patiently(func(ctx context.Context) error { return c.blobs.Put(ctx, digest, data) }); err != nil {
			return nil, fmt.Errorf("keep blob %s: %w", digest, err)
		}
		out[i] = &commonpb.Payload{Metadata: map[string][]byte{"encoding": []byte(blobEncoding)}, Data: []byte(digest)}
	}
	return out, nil
}

// Decode implements converter.PayloadCodec.
func (c *codec) Decode(payloads []*commonpb.Payload) ([]*commonpb.Payload, error) {
	out := make([]*commonpb.Payload, len(payloads))
	for i, p := range payloads {
		p, err := c.fetch(p)
		if err == nil {
			out[i], err = c.keys.open(p)
		}
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// fetch returns the payload that is kept as a blob, if p names one.
func (c *codec) fetch(p *commonpb.Payload) (*commonpb.Payload, error) {
	if !isBlob(p) {
		return p, nil
	}
	digest := string(p.GetData())
	if sum, err := hex.DecodeString(digest); err != nil || len(sum) != sha256.Size {
		return nil, fmt.Errorf("%.100q is not the name of a blob", digest)
	}
	if c.blobs == nil {
		return nil, fmt.Errorf("it is blob %s, and there is no store of blobs", digest)
	}
	var data []byte
	err := c.patiently(func(ctx context.Context) (err error) { data, err = c.blobs.Get(ctx, digest); return err })
	if err != nil {
		return nil, fmt.Errorf("read blob %s: %w", digest, err)
	}
	if sum := sha256.Sum256(data); hex.EncodeToString(sum[:]) != digest {
		return nil, fmt.Errorf("blob %s is not what was kept under that name", digest)
	}
	out := new(commonpb.Payload)
	if err := proto.Unmarshal(data, out); err != nil {
		return nil, fmt.Errorf("read blob %s: %w", digest, err)
	}
	return out, nil
}

// patiently tries until it succeeds, or the store has failed for long.
func (c *codec) patiently(try func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(c.ctx, c.patience)
	defer cancel()
	for {
		err := try(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-time.After(storeGap):
		case <-ctx.Done():
			return err
		}
	}
}
