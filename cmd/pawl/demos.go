package main

import (
	"encoding/json"

	"github.com/pawlrun/pawl/cli"
)

// demos are one run that is done, one that failed since no answer of its model passed, and one
// that waits for a person.
var demos = []cli.Demo{
	{ID: "demo0000done", Flow: "article", Model: "offline", Input: json.RawMessage(`{"topic": "Demonstration: why the tide comes twice a day"}`)},
	{ID: "demo0000fail", Flow: "article", Model: "offline?malformed=9", Input: json.RawMessage(`{"topic": "Demonstration: a model that answers with broken JSON"}`)},
	{ID: "demo0000gate", Flow: "article", Model: "offline", Input: json.RawMessage(`{"topic": "Demonstration: an article that waits for your approval", "approve": true}`)},
}
