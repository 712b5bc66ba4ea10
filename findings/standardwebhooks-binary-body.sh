#!/usr/bin/env bash
# The Standard Webhooks libraries for Go, JavaScript and Python do not agree on a body that is no
# UTF-8: what the one for Go has signed is refused by JavaScript, and raises UnicodeDecodeError
# in Python.
#
# Version: standardwebhooks 1.1.1 (npm) and 1.1.0 (PyPI), with
# github.com/standard-webhooks/standard-webhooks/libraries 0.0.1 for Go. A body of four bytes,
# ff fe 00 01, as a Buffer and as bytes; specification 1.0.0 says of payloads that "other content
# types can be used as well", and that what is signed is what is sent.
# Expected: all three make one signature of it, and take that.
# Seen: Go and an HMAC by hand agree. JavaScript makes a text of the body first, has another
# signature, and refuses that of Go: "No matching signature found". Python's verify raises
# UnicodeDecodeError, which is no WebhookVerificationError.
. "$(dirname "$0")/setup.bash"
install_go github.com/standard-webhooks/standard-webhooks/libraries@v0.0.1
export AT SIGNATURE
AT=$(date +%s)
SIGNATURE=$(run_go <<'GO'
package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"os"
	"strconv"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

func main() {
	body, secret := []byte{0xff, 0xfe, 0x00, 0x01}, "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	seconds, err := strconv.ParseInt(os.Getenv("AT"), 10, 64)
	if err != nil {
		panic(err)
	}
	w, err := standardwebhooks.NewWebhook("whsec_" + secret)
	if err != nil {
		panic(err)
	}
	signature, err := w.Sign("msg_1", time.Unix(seconds, 0), body)
	if err != nil {
		panic(err)
	}
	key, _ := base64.StdEncoding.DecodeString(secret)
	mac := hmac.New(sha256.New, key)
	fmt.Fprintf(mac, "msg_1.%d.%s", seconds, body)
	if signature != "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)) {
		panic("Go has another signature than the specification")
	}
	fmt.Println(signature)
}
GO
)
echo "Go signs with $SIGNATURE"

install_node standardwebhooks@1.1.1
(cd "$dir" && node - <<'JS'
const { Webhook } = require("standardwebhooks");
const assert = require("assert");

const w = new Webhook("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
const at = process.env.AT;
const body = Buffer.from([0xff, 0xfe, 0x00, 0x01]);
const verify = (body, signature) => {
  try {
    w.verify(body, { "webhook-id": "msg_1", "webhook-timestamp": at, "webhook-signature": signature }, { jsonParse: false });
    return "taken";
  } catch (e) {
    return e.message;
  }
};
const seen = [w.sign("msg_1", new Date(at * 1000), body) === process.env.SIGNATURE, verify(body, process.env.SIGNATURE)];
console.log("JavaScript signs alike, takes Go's:", seen);
assert.deepStrictEqual(seen, [false, "No matching signature found"], "JavaScript signs the bytes now");
JS
)

install_python standardwebhooks==1.1.0
run_python <<'PY'
import os
from standardwebhooks.webhooks import Webhook

w = Webhook("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
headers = {"webhook-id": "msg_1", "webhook-timestamp": os.environ["AT"], "webhook-signature": os.environ["SIGNATURE"]}
try:
    w.verify(b"\xff\xfe\x00\x01", headers, json_parse=False)
    seen = "taken"
except Exception as e:
    seen = type(e).__name__
print("Python takes Go's:", seen)
assert seen == "UnicodeDecodeError", "Python verifies the bytes now"
PY
