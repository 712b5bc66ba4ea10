package temporal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/converter"
	"google.golang.org/protobuf/proto"

	"github.com/pawlrun/pawl"
)

// The form of a payload that is encrypted, with the names that Temporal's own samples use for it.
const (
	encrypted = "binary/encrypted"
	keyID     = "encryption-key-id"
)

// keys encrypt payloads, and decrypt them. Nil: nothing is encrypted.
type keys struct {
	first string // the one that encrypts
	byID  map[string]key
}

// key is one of them.
type key struct {
	cipher.AEAD
	nonces []byte // of which those of large payloads are made
}

// newKeys returns Options.Keys as they are used.
func newKeys(all [][]byte) (*keys, error) {
	if len(all) == 0 {
		return nil, nil
	}
	k := &keys{byID: map[string]key{}}
	for i, secret := range all {
		if len(secret) != 32 {
			return nil, &pawl.Error{Kind: pawl.ErrInput, Message: fmt.Sprintf("key %d of Keys has %d bytes, wants 32", i+1, len(secret))}
		}
		block, err := aes.NewCipher(secret)
		if err != nil {
			return nil, err
		}
		aead, err := cipher.NewGCM(block)
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(secret)
		id := hex.EncodeToString(sum[:4])
		if k.byID[id] = (key{aead, keyed(secret, []byte("nonces"))}); k.first == "" {
			k.first = id
		}
	}
	return k, nil
}

// seal encrypts a payload, unless it is encrypted or the name of a blob, whose content is.
func (k *keys) seal(p *commonpb.Payload) (*commonpb.Payload, error) {
	if k == nil || isEncrypted(p) || isBlob(p) {
		return p, nil
	}
	plain, err := marshal(p)
	if err != nil {
		return nil, err
	}
	key := k.byID[k.first]
	nonce := make([]byte, key.NonceSize())
	if len(plain)+key.NonceSize()+key.Overhead() <= inline {
		rand.Read(nonce) // which does not fail
	} else { // a blob: it is made again by each replay, and is to have one name
		copy(nonce, keyed(key.nonces, plain))
	}
	return &commonpb.Payload{
		Metadata: map[string][]byte{"encoding": []byte(encrypted), keyID: []byte(k.first)},
		Data:     key.Seal(nonce, nonce, plain, nil),
	}, nil
}

// keyed is a digest that only who has the secret can make.
func keyed(secret, of []byte) []byte {
	h := hmac.New(sha256.New, secret)
	h.Write(of)
	return h.Sum(nil)
}

// marshal is proto.Marshal with the same bytes each time.
func marshal(p *commonpb.Payload) ([]byte, error) {
	return proto.MarshalOptions{Deterministic: true}.Marshal(p)
}

// open decrypts a payload. One that is not encrypted is from before there were keys.
func (k *keys) open(p *commonpb.Payload) (*commonpb.Payload, error) {
	if !isEncrypted(p) {
		return p, nil
	}
	id := string(p.GetMetadata()[keyID])
	if k == nil {
		return nil, fmt.Errorf("it is encrypted with key %.20q, and there are no keys", id)
	}
	key, known := k.byID[id]
	if !known {
		return nil, fmt.Errorf("it is encrypted with key %.20q, which is none of the keys", id)
	}
	nonce, data := p.GetData(), []byte(nil)
	if n := key.NonceSize(); len(nonce) > n {
		nonce, data = nonce[:n], nonce[n:]
	} else {
		nonce = make([]byte, n)
	}
	plain, err := key.Open(nil, nonce, data, nil)
	if err != nil {
		return nil, fmt.Errorf("it is not what was encrypted with key %s: %w", id, err)
	}
	out := new(commonpb.Payload)
	return out, proto.Unmarshal(plain, out)
}

// memo packs how a run is listed, and encrypts it here: the SDK writes what a codec fails at
// as it is.
func (k *keys) memo(l listed) (rawValue, error) {
	raw, _, err := pack(l)
	if err != nil {
		return raw, err
	}
	p, err := k.seal(raw.Payload())
	return converter.NewRawValue(p), err
}

func isEncrypted(p *commonpb.Payload) bool { return string(p.GetMetadata()["encoding"]) == encrypted }
func isBlob(p *commonpb.Payload) bool      { return string(p.GetMetadata()["encoding"]) == blobEncoding }
