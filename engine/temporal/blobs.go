package temporal

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	"google.golang.org/protobuf/proto"

	"go.temporal.io/sdk/converter"
)

// Blobs keeps large values for all processes that share a namespace. A blob is named by its
// digest, is never changed, and must be there as long as Temporal keeps the run. Its methods
// may be called concurrently.
type Blobs interface {
	Put(ctx context.Context, digest string, data []byte) error // of what is there already, it does nothing
	Get(ctx context.Context, digest string) ([]byte, error)
}

// Directory keeps blobs as files of a directory that all processes have.
type Directory string

// Put implements Blobs.
func (d Directory) Put(_ context.Context, digest string, data []byte) error {
	path := d.path(digest)
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".part-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// Get implements Blobs.
func (d Directory) Get(_ context.Context, digest string) ([]byte, error) {
	return os.ReadFile(d.path(digest))
}

func (d Directory) path(digest string) string {
	return filepath.Join(string(d), filepath.Base(digest[:2]), filepath.Base(digest))
}

// codec puts large payloads into a store of blobs, and their digests in the place of them.
type codec struct {
	ctx   context.Context // of those who ask for no context: it does not end
	blobs Blobs
}

const (
	inline       = 256 << 10 // bytes of a payload that stays where it is
	blobEncoding = "pawl/blob"
	blobTime     = time.Minute // that a store may take
)

var _ converter.PayloadCodec = (*codec)(nil)

// Encode implements converter.PayloadCodec.
func (c *codec) Encode(payloads []*commonpb.Payload) ([]*commonpb.Payload, error) {
	out := make([]*commonpb.Payload, len(payloads))
	for i, p := range payloads {
		if out[i] = p; len(p.GetData()) <= inline {
			continue
		}
		data, err := proto.Marshal(p)
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(data)
		digest := hex.EncodeToString(sum[:])
		ctx, cancel := context.WithTimeout(c.ctx, blobTime)
		err = c.blobs.Put(ctx, digest, data)
		cancel()
		if err != nil {
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
		if out[i] = p; string(p.GetMetadata()["encoding"]) != blobEncoding {
			continue
		}
		digest := string(p.GetData())
		if sum, err := hex.DecodeString(digest); err != nil || len(sum) != sha256.Size {
			return nil, fmt.Errorf("%.100q is not the name of a blob", digest)
		}
		ctx, cancel := context.WithTimeout(c.ctx, blobTime)
		data, err := c.blobs.Get(ctx, digest)
		cancel()
		if err != nil {
			return nil, fmt.Errorf("read blob %s: %w", digest, err)
		}
		if sum := sha256.Sum256(data); hex.EncodeToString(sum[:]) != digest {
			return nil, fmt.Errorf("blob %s is not what was kept under that name", digest)
		}
		out[i] = new(commonpb.Payload)
		if err := proto.Unmarshal(data, out[i]); err != nil {
			return nil, fmt.Errorf("read blob %s: %w", digest, err)
		}
	}
	return out, nil
}
