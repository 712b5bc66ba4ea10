// One run: what it does, what it cost, why it waits, and what can be done.

import { useEffect } from 'preact/hooks'
import type { RunRecord, StepSummary } from '../api'
import { ago, between, cache, cost, count, number, time, tokens, usd } from '../format'
import { Loading, Trouble } from '../parts/problem'
import { Status } from '../parts/status'
import { recall } from '../recall'
import { go, query, setQuery } from '../router'
import { Blockers } from './blockers'
import { Controls } from './controls'
import { FlowTab } from './flow'
import { Inspector } from './inspector'
import { Journal } from './journal'
import { RevisionsTab } from './revisions'
import { Source } from './source'
import { Steps } from './steps'
import { isGone, useRun, type Live } from './store'
import { Timeline } from './timeline'
import { Walkthrough } from './walkthrough'

const tabs: [string, string][] = [
  ['', 'Flow'],
  ['timeline', 'Timeline'],
  ['steps', 'Steps'],
  ['revisions', 'Revisions'],
  ['source', 'Source'],
  ['journal', 'Journal'],
  ['walkthrough', 'Walkthrough'],
]

export function Run({ id, tab }: { id: string; tab: string }) {
  const live = useRun(id)
  const run = live.run.value
  const steps = live.steps.value
  useEffect(() => {
    document.title = run ? `${run.flow}: ${run.status} – Pawl` : 'Pawl'
  }, [run?.status])
  const chosen = query.value.get('step') ?? ''
  useKeys(id, steps)
  if (!run) return live.error.value ? <Missing error={live.error.value} look={live.look} /> : <Loading what="the run" />
  const key = chosen || landing(run, steps)
  const wide = tab === '' || tab === 'timeline' || tab === 'steps'
  return (
    <section class="run">
      <Head run={run} steps={steps} live={live} />
      {live.error.value && <Lost error={live.error.value} look={live.look} />}
      {!isGone(live.error.value) && <Blockers run={run} live={live} />}
      <nav class="tabs" aria-label="Views of the run">
        {tabs.map(([at, name]) => (
          <a key={at} href={`/runs/${id}${at && '/' + at}${chosen ? '?step=' + encodeURIComponent(chosen) : ''}`} aria-current={tab === at ? 'page' : undefined}>
            {name}
          </a>
        ))}
      </nav>
      <div class={wide ? 'split' : ''}>
        <div class="view">
          {tab === '' && <FlowTab live={live} run={run} chosen={key} />}
          {tab === 'timeline' && <Timeline run={run} steps={steps} chosen={key} />}
          {tab === 'steps' && <Steps steps={steps} chosen={key} />}
          {tab === 'revisions' && <RevisionsTab run={run} steps={steps} live={live} />}
          {tab === 'source' && <Source run={run} steps={steps} chosen={key} />}
          {tab === 'journal' && <Journal key={run.created_at} run={run} live={live} />}
          {tab === 'walkthrough' && <Walkthrough run={run} steps={steps} live={live} />}
        </div>
        {wide && <Inspector live={live} run={run} step={key} />}
      </div>
    </section>
  )
}

/** landing is the step that a run opens on: the failed one, else what it waits at, else the
 * last that began. */
function landing(run: RunRecord, steps: StepSummary[]): string {
  const failed = steps.findLast((s) => s.status === 'failed')
  if (failed && run.status === 'failed') return failed.key
  const open = run.blockers.find((b) => b.key)
  if (open) return open.key
  return (steps.findLast((s) => s.status === 'running') ?? steps.at(-1))?.key ?? ''
}

function useKeys(id: string, steps: StepSummary[]) {
  useEffect(() => {
    const press = (e: KeyboardEvent) => {
      const at = e.target as HTMLElement
      if (e.ctrlKey || e.metaKey || e.altKey || at.closest('input, textarea, select, dialog') || recall('keys') === 'off') return
      const tab = tabs[Number(e.key) - 1]
      if (tab) return go(`/runs/${id}${tab[0] && '/' + tab[0]}${location.search}`)
      const by = { j: 1, k: -1 }[e.key]
      if (!by || steps.length === 0) return
      const i = steps.findIndex((s) => s.key === query.value.get('step'))
      setQuery({ step: steps[Math.max(0, Math.min(steps.length - 1, i + by))]!.key })
    }
    window.addEventListener('keydown', press)
    return () => window.removeEventListener('keydown', press)
  }, [id, steps])
}

function Missing({ error, look }: { error: unknown; look: () => void }) {
  return (
    <section class="page">
      <h1>This run cannot be shown</h1>
      <Trouble error={error} again={look} />
      <p>
        <a href="/">To the runs</a>
      </p>
    </section>
  )
}

/** Lost says why what is shown of a run is not what is. */
function Lost({ error, look }: { error: unknown; look: () => void }) {
  if (!isGone(error)) return <Trouble error={error} again={look} />
  return (
    <div class="trouble" role="alert">
      <p>
        <strong>This run was removed.</strong> What is shown is what was last seen of it. <a href="/">To the runs</a>
      </p>
    </div>
  )
}

function Head({ run, steps, live }: { run: RunRecord; steps: StepSummary[]; live: Live }) {
  const done = steps.filter((s) => s.status === 'done').length
  const ended = ['done', 'failed', 'canceled'].includes(run.status)
  return (
    <header class="run-head">
      <div class="title">
        <h1>
          <a href={`/flows/${encodeURIComponent(run.flow)}`}>{run.flow}</a> <code class="id">{run.id}</code>
        </h1>
        <Status is={run.status} />
      </div>
      {run.reason && <p class="reason">{run.reason}</p>}
      <dl class="facts">
        <div>
          <dt>Steps</dt>
          <dd>
            {number(done)} of {number(steps.length)} done
          </dd>
        </div>
        <div>
          <dt>Cost, an estimate</dt>
          <dd>
            {cost(run.usage)}
            {run.usage.model_calls > 0 && <span class="quiet"> in {count(run.usage.model_calls, 'call')}</span>}
          </dd>
        </div>
        <div>
          <dt>Tokens in → out</dt>
          <dd>{tokens(run.usage)}</dd>
        </div>
        {cache(run.usage) && (
          <div>
            <dt>Cache</dt>
            <dd>{cache(run.usage)}</dd>
          </div>
        )}
        <div>
          <dt>{ended ? 'Took' : 'For'}</dt>
          <dd>{between(run.created_at, ended ? run.updated_at : null)}</dd>
        </div>
        <div>
          <dt>Started</dt>
          <dd>
            <time dateTime={run.created_at} title={time(run.created_at)}>
              {ago(run.created_at)}
            </time>
            {run.who && ` by ${run.who}`}
          </dd>
        </div>
        {run.model && (
          <div>
            <dt>Model</dt>
            <dd>{run.model}</dd>
          </div>
        )}
        {run.base && (
          <div>
            <dt>Base</dt>
            <dd>
              <a href={`/runs/${run.base}`}>{run.base}</a>, <a href={`/compare?a=${run.base}&b=${run.id}`}>compare</a>
            </dd>
          </div>
        )}
      </dl>
      {run.budget && <Budget run={run} />}
      {!isGone(live.error.value) && <Controls run={run} live={live} />}
    </header>
  )
}

function Budget({ run }: { run: RunRecord }) {
  const b = run.budget!
  const bars: [string, number, number, number, (n: number) => string][] = []
  if (b.limit.usd != null) bars.push(['Budget', b.spent.usd ?? 0, b.reserved.usd ?? 0, b.limit.usd, usd])
  if (b.limit.calls != null) bars.push(['Calls', b.spent.calls, b.reserved.calls, b.limit.calls, number])
  if (b.limit.tokens != null) bars.push(['Tokens', b.spent.tokens, b.reserved.tokens, b.limit.tokens, number])
  return (
    <div class="budget">
      {bars.map(([name, spent, reserved, limit, write]) => (
        <div key={name} role="img" aria-label={`${name}: ${write(spent)} spent, ${write(reserved)} reserved, of ${write(limit)}`}>
          <span>
            {name}: {write(spent)} spent{reserved > 0 && `, ${write(reserved)} reserved`} of {write(limit)}
          </span>
          <svg viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
            <rect class="limit" width="100" height="6" />
            <rect class="reserved" width={part(spent + reserved, limit)} height="6" />
            <rect class="spent" width={part(spent, limit)} height="6" />
          </svg>
        </div>
      ))}
    </div>
  )
}

function part(n: number, of: number): number {
  return of <= 0 ? 100 : Math.min(100, (100 * n) / of)
}
