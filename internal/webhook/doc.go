// Package webhook signs calls from one program to another and finds out who signed one:
// as Standard Webhooks 1.0.0 say it (https://www.standardwebhooks.com), and, of calls that
// come in, as GitHub does in X-Hub-Signature-256.
//
// A signature is over the bytes of the body as they travel: whoever reads JSON and writes
// it again has another body. Nothing here logs, and no error tells what a secret, a
// signature or a body is.
package webhook
