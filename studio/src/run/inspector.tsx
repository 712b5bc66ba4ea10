// One step: what was sent, what came back, what the gates said, what it took.

import { useEffect, useState } from 'preact/hooks'
import { get, keyPath, type Attempt, type RunRecord, type StepDetail } from '../api'
import { between, cache, cost, time, tokens } from '../format'
import { Trouble } from '../parts/problem'
import { Boundary, Status } from '../parts/status'
import { Json, Text, Value } from '../parts/value'
import { query, setQuery } from '../router'
import type { Live } from './store'

export function Inspector({ live, run, step }: { live: Live; run: RunRecord; step: string }) {
  const now = live.steps.value.find((s) => s.key === step)
  const [detail, setDetail] = useState<StepDetail | null>(null)
  const [error, setError] = useState<unknown>(null)
  const state = now ? [now.status, now.attempts, now.ended_at, now.stale, now.unused].join() : ''
  useEffect(() => {
    let gone = false
    if (!now) return setDetail(null)
    get<StepDetail>(keyPath(run.id, 'steps', step)).then(
      (d) => !gone && (setDetail(d), setError(null)),
      (e) => !gone && setError(e),
    )
    return () => {
      gone = true
    }
  }, [run.id, step, state, error ? live.changed.value : 0]) // what failed is asked for again with the run
  if (!step || !now) {
    return (
      <aside class="inspector" aria-label="Step">
        <p class="quiet">{step ? `There is no step ${step} yet.` : 'Choose a step to look into it.'}</p>
      </aside>
    )
  }
  const writing = live.pieces.value.get(step)
  const d = detail?.step.key === step ? detail : null
  return (
    <aside class="inspector" aria-label={`Step ${step}`}>
      <header>
        <h2>
          <code>{step}</code>
        </h2>
        <Status is={now.status} />
      </header>
      <p>
        <Boundary is={now.boundary} /> <span class="quiet">{now.kind}</span> {now.purpose}
      </p>
      <dl class="facts">
        {now.started_at && (
          <div>
            <dt>{now.ended_at ? 'Took' : 'So far'}</dt>
            <dd title={time(now.started_at)}>{between(now.started_at, now.ended_at ?? null)}</dd>
          </div>
        )}
        {now.usage && (
          <>
            <div>
              <dt>Cost (estimate)</dt>
              <dd>{cost(now.usage)}</dd>
            </div>
            <div>
              <dt>Tokens in → out</dt>
              <dd>{tokens(now.usage)}</dd>
            </div>
            {cache(now.usage) && (
              <div>
                <dt>Cache</dt>
                <dd>{cache(now.usage)}</dd>
              </div>
            )}
          </>
        )}
        {now.source && (
          <div>
            <dt>Source</dt>
            <dd>
              <a href={`/runs/${run.id}/source?step=${encodeURIComponent(step)}`}>{now.source}</a>
            </dd>
          </div>
        )}
        {now.reused_from && (
          <div>
            <dt>Taken over from</dt>
            <dd>
              <a href={`/runs/${now.reused_from.split('/')[0]}?step=${encodeURIComponent(now.reused_from.split('/').slice(1).join('/'))}`}>{now.reused_from}</a>
              {now.saved && `, which saved ${cost(now.saved)}`}
            </dd>
          </div>
        )}
      </dl>
      {now.stale && <p class="note">What it asks has changed since its result was recorded.</p>}
      {now.unused && <p class="note">It was recorded, but the finished flow no longer asked for it.</p>}
      <Trouble error={error} />
      {writing && (
        <section>
          <h3>Being written</h3>
          <div class="text writing">{writing}</div>
        </section>
      )}
      {d && <Parts d={d} />}
    </aside>
  )
}

function Parts({ d }: { d: StepDetail }) {
  const { step, requests } = d
  const last = requests.at(-1)
  const chosen = Number(query.value.get('attempt')) || step.attempts.at(-1)?.number || 0
  const attempt = step.attempts.find((a) => a.number === chosen)
  const request = requests.find((r) => r.number === chosen) ?? last
  return (
    <>
      {step.output !== null && step.output !== undefined && (
        <details open>
          <summary>Result</summary>
          <Value of={step.output} />
          <details>
            <summary>As JSON</summary>
            <Json of={step.output} />
          </details>
        </details>
      )}
      {step.attempts.length > 0 && (
        <section>
          <h3>Attempts</h3>
          <div class="attempts" role="group" aria-label="Attempts">
            {step.attempts.map((a) => (
              <button type="button" key={a.number} class="small" aria-pressed={a.number === chosen} onClick={() => setQuery({ step: step.key, attempt: String(a.number) })}>
                {a.number}: {a.outcome}
              </button>
            ))}
          </div>
          {attempt && <AttemptOf a={attempt} />}
        </section>
      )}
      {request && (
        <details open={step.attempts.length === 0}>
          <summary>Prompt as it was sent{request.number && ` (attempt ${request.number})`}</summary>
          {request.messages.map((m, i) => (
            <div key={i} class="message">
              <p class="small-title">{m.role}</p>
              <Text of={m.text} />
            </div>
          ))}
          <p class="quiet">
            {request.max_tokens > 0 && `at most ${request.max_tokens} tokens`}
            {request.temperature != null && `, temperature ${request.temperature}`}
            {request.effort && `, effort ${request.effort}`}
          </p>
        </details>
      )}
      {request?.schema !== null && request?.schema !== undefined && (
        <details>
          <summary>Schema of the answer</summary>
          <Json of={request.schema} />
        </details>
      )}
    </>
  )
}

function AttemptOf({ a }: { a: Attempt }) {
  return (
    <div class="attempt">
      <p>
        {a.model && <code>{a.model}</code>} {(a.batch || a.service_tier) && <span class="quiet">{[a.batch && 'by a batch', a.service_tier && `service tier ${a.service_tier}`].filter(Boolean).join(', ')}</span>} <span class="quiet">{between(a.started_at, a.ended_at)}</span> {a.usage && <span class="quiet">{`${cost(a.usage)} · ${tokens(a.usage)} tokens`}</span>}
      </p>
      {a.error && (
        <div class="trouble">
          <p>
            <strong>{a.error.kind}</strong>: {a.error.message}
          </p>
          {a.error.hint && <p>{a.error.hint}</p>}
        </div>
      )}
      {a.gates.length > 0 && (
        <ul class="gates">
          {a.gates.map((g, i) => (
            <li key={i}>
              <Status is={g.ok ? 'done' : 'failed'} word={g.ok ? 'passed' : 'turned down'} /> {g.name}
              {g.detail && <div class="text quiet">{g.detail}</div>}
            </li>
          ))}
        </ul>
      )}
      {a.guidance.length > 0 && (
        <>
          <p class="small-title">Guidance that it carried</p>
          {a.guidance.map((g, i) => (
            <div key={i} class="text">
              {g}
            </div>
          ))}
        </>
      )}
      {a.raw !== null && a.raw !== undefined && (
        <details>
          <summary>Raw answer</summary>
          <Text of={a.raw} />
        </details>
      )}
    </div>
  )
}
