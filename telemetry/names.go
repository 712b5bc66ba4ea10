package telemetry

import "go.opentelemetry.io/otel/attribute"

// scopeName is what the spans and metrics are from.
const scopeName = "github.com/pawlrun/pawl/telemetry"

// Attributes. Those of gen_ai are of semantic conventions 1.41 unless they are said to be of
// the latest.
const (
	errorType = attribute.Key("error.type")

	genOperation     = attribute.Key("gen_ai.operation.name")
	genProvider      = attribute.Key("gen_ai.provider.name")
	genConversation  = attribute.Key("gen_ai.conversation.id")
	genWorkflow      = attribute.Key("gen_ai.workflow.name")
	genAgent         = attribute.Key("gen_ai.agent.name") // the latest has it for the workflow's
	genOutputType    = attribute.Key("gen_ai.output.type")
	genRequestModel  = attribute.Key("gen_ai.request.model")
	genMaxTokens     = attribute.Key("gen_ai.request.max_tokens")
	genTemperature   = attribute.Key("gen_ai.request.temperature")
	genStream        = attribute.Key("gen_ai.request.stream")          // of the latest
	genReasoning     = attribute.Key("gen_ai.request.reasoning.level") // of the latest
	genResponseID    = attribute.Key("gen_ai.response.id")
	genResponseModel = attribute.Key("gen_ai.response.model")
	genFinish        = attribute.Key("gen_ai.response.finish_reasons")
	genFirstChunk    = attribute.Key("gen_ai.response.time_to_first_chunk") // in seconds
	genInput         = attribute.Key("gen_ai.usage.input_tokens")
	genOutput        = attribute.Key("gen_ai.usage.output_tokens")
	genCacheRead     = attribute.Key("gen_ai.usage.cache_read.input_tokens")
	genCacheWrite    = attribute.Key("gen_ai.usage.cache_creation.input_tokens")
	latestCacheWrite = attribute.Key("gen_ai.usage.cache_write.input_tokens") // in the latest
	openAITier       = attribute.Key("openai.response.service_tier")          // the conventions have it for OpenAI alone
	genTokenType     = attribute.Key("gen_ai.token.type")
	genMessagesIn    = attribute.Key("gen_ai.input.messages")      // content
	genMessagesOut   = attribute.Key("gen_ai.output.messages")     // content
	genSystem        = attribute.Key("gen_ai.system_instructions") // content

	runID         = attribute.Key("pawl.run.id")
	runBase       = attribute.Key("pawl.run.base")
	runFirst      = attribute.Key("pawl.run.first") // this activation is the run's first
	runStatus     = attribute.Key("pawl.run.status")
	reusedSteps   = attribute.Key("pawl.steps.reused")
	flowName      = attribute.Key("pawl.flow")
	stepKey       = attribute.Key("pawl.step.key")
	stepKind      = attribute.Key("pawl.step.kind")
	stepBoundary  = attribute.Key("pawl.step.boundary")
	stepOutcome   = attribute.Key("pawl.step.outcome")
	attemptNumber = attribute.Key("pawl.attempt")
	attemptResult = attribute.Key("pawl.attempt.outcome")
	branches      = attribute.Key("pawl.branches")
	gateName      = attribute.Key("pawl.gate.name")
	gateOK        = attribute.Key("pawl.gate.ok")
	blockerKind   = attribute.Key("pawl.blocker.kind")
	decision      = attribute.Key("pawl.decision")
	decisionBy    = attribute.Key("pawl.decision.by")
	expired       = attribute.Key("pawl.decision.expired")
	costUSD       = attribute.Key("pawl.cost_usd")
	serviceTier   = attribute.Key("pawl.service_tier") // of other providers than OpenAI

	// Of OpenInference, which Phoenix reads; the last three are content.
	inferenceKind    = attribute.Key("openinference.span.kind")
	inferenceSession = attribute.Key("session.id")
	inferenceModel   = attribute.Key("llm.model_name")
	inferenceIn      = attribute.Key("llm.token_count.prompt")
	inferenceOut     = attribute.Key("llm.token_count.completion")
	inferenceInput   = attribute.Key("input.value")
	inferenceOutput  = attribute.Key("output.value")
)

// Spans and their events. Those of a run and of a call at a model have the names of their
// operations.
const (
	spanDo    = "pawl.do"
	spanWait  = "pawl.wait"
	spanScope = "pawl." // before the kind: pawl.map

	eventGate = "pawl.gate"

	operationRun = "invoke_workflow"
	operationAsk = "chat"
)

// timerKind is the kind of blocker that a sleep's span has.
const timerKind = "timer"

// other is the class of errors whose kind is none of ours.
const other = "_OTHER"

// Metrics. Labels are flow, kind, model, class and the like, of which there are few: never
// ids or keys.
const (
	metricActivations     = "pawl.run.activations"
	metricActivation      = "pawl.run.activation.duration"
	metricActive          = "pawl.runs.active"
	metricQueued          = "pawl.run.queue.duration"
	metricSteps           = "pawl.steps"
	metricAttempts        = "pawl.attempts"
	metricAttemptWait     = "pawl.attempt.queue.duration"
	metricRepairs         = "pawl.repairs"
	metricGateFailures    = "pawl.gate.failures"
	metricCost            = "pawl.cost"
	metricBlocked         = "pawl.blockers.opened"
	metricBlocker         = "pawl.blocker.duration"
	metricCommit          = "pawl.commit.duration"
	metricCommitEvents    = "pawl.commit.events"
	metricClaimsLost      = "pawl.claims.lost"
	metricMissed          = "pawl.telemetry.missed"
	metricQueueDepth      = "pawl.queue.depth"
	metricBlockersOpen    = "pawl.blockers.open"
	metricBlockersOldest  = "pawl.blockers.oldest"
	metricDiskFree        = "pawl.disk.free"
	metricCallDuration    = "gen_ai.client.operation.duration"
	metricTokens          = "gen_ai.client.token.usage"
	metricFirstChunk      = "gen_ai.client.operation.time_to_first_chunk"
	latestRunDuration     = "gen_ai.invoke_agent.duration"
	latestCallDuration    = "gen_ai.client.inference.duration"
	latestFirstChunk      = "gen_ai.client.inference.time_to_first_chunk"
	latestInputTokens     = "gen_ai.client.inference.usage.input_tokens"
	latestOutputTokens    = "gen_ai.client.inference.usage.output_tokens"
	latestCacheReadTokens = "gen_ai.client.inference.usage.cache_read.input_tokens"
	latestCacheWritten    = "gen_ai.client.inference.usage.cache_write.input_tokens"
)

// Buckets, as the conventions say them.
var (
	secondsBuckets = []float64{.01, .02, .04, .08, .16, .32, .64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92}
	firstBuckets   = []float64{.001, .005, .01, .02, .04, .06, .08, .1, .25, .5, .75, 1, 2.5, 5, 7.5, 10}
	tokenBuckets   = []float64{1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864}
	commitBuckets  = []float64{.0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5}
	eventBuckets   = []float64{1, 2, 5, 10, 25, 50, 100, 250, 500, 1000}
	waitBuckets    = []float64{1, 10, 60, 300, 900, 3600, 4 * 3600, 24 * 3600, 3 * 24 * 3600, 7 * 24 * 3600, 30 * 24 * 3600}
)

// providers are the names that the conventions have for providers whose name here is
// another.
var providers = map[string]string{
	"google": "gcp.gemini", "gemini": "gcp.gemini", "vertex": "gcp.vertex_ai", "xai": "x_ai", "mistral": "mistral_ai",
	"azure": "azure.ai.openai", "bedrock": "aws.bedrock", "watsonx": "ibm.watsonx.ai",
}

// inferenceKinds are OpenInference's words for kinds of steps.
var inferenceKinds = map[string]string{"ask": "LLM", "do": "TOOL", "map": "CHAIN", "parallel": "CHAIN", "call": "CHAIN"}
