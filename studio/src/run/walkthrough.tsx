// A run told step by step: what there is to see, what the system does, why it matters.

import { keyPath, type FlowDescription, type RunRecord, type StepDetail, type StepSummary } from '../api'
import { between, cost, count } from '../format'
import { useGot } from '../parts/got'
import { Trouble } from '../parts/problem'
import { Boundary, Status } from '../parts/status'
import { Value } from '../parts/value'
import { query, setQuery } from '../router'
import { BlockerCard } from './blockers'
import type { Live } from './store'

type Page = { chapter: 'Start' | 'Checkpoint' | 'Outcome'; title: string; step?: StepSummary; visible: string; does: string; why: string }

export function Walkthrough({ run, steps, live }: { run: RunRecord; steps: StepSummary[]; live: Live }) {
  const [flow] = useGot<FlowDescription>(`/flows/${encodeURIComponent(run.flow)}`) // without it: in general words
  const pages = tell(run, steps, flow)
  const i = Math.min(Math.max(0, Number(query.value.get('page') ?? 0)), pages.length - 1)
  const page = pages[i]!
  const turn = (by: number) => setQuery({ page: String(Math.min(Math.max(0, i + by), pages.length - 1)), step: pages[i + by]?.step?.key ?? '' })
  return (
    <article class="walk">
      <ol class="chapters" aria-label="Chapters">
        {(['Start', 'Checkpoint', 'Outcome'] as const).map((c) => (
          <li key={c} aria-current={page.chapter === c ? 'step' : undefined}>
            {c}
          </li>
        ))}
      </ol>
      <header>
        <p class="quiet">
          {i + 1} of {pages.length}
        </p>
        <h2>{page.title}</h2>
        {page.step && (
          <p>
            <Boundary is={page.step.boundary} /> <Status is={page.step.status} /> <span class="quiet">{between(page.step.started_at, page.step.ended_at ?? null)}</span> {page.step.usage && <span class="quiet">{cost(page.step.usage)}</span>}
          </p>
        )}
      </header>
      <dl class="three">
        <div>
          <dt>What you see</dt>
          <dd>{page.visible}</dd>
        </div>
        <div>
          <dt>What the system does</dt>
          <dd>{page.does}</dd>
        </div>
        <div>
          <dt>Why it matters</dt>
          <dd>{page.why}</dd>
        </div>
      </dl>
      {page.chapter === 'Start' && (
        <details open>
          <summary>What goes in</summary>
          <Value of={run.input} />
        </details>
      )}
      {page.step && <Result run={run.id} step={page.step} />}
      {page.step && run.blockers.filter((b) => b.key === page.step!.key).map((b) => <BlockerCard key={b.key} run={run.id} b={b} look={live.look} />)}
      {page.chapter === 'Outcome' && run.output !== null && run.output !== undefined && (
        <details open>
          <summary>What comes out</summary>
          <Value of={run.output} />
        </details>
      )}
      <p class="turn">
        <button type="button" disabled={i === 0} onClick={() => turn(-1)}>
          ← Back
        </button>
        <button type="button" class="primary" disabled={i === pages.length - 1} onClick={() => turn(1)}>
          Next →
        </button>
      </p>
    </article>
  )
}

function Result({ run, step }: { run: string; step: StepSummary }) {
  const [d, error] = useGot<StepDetail>(keyPath(run, 'steps', step.key), step.status)
  if (error) return <Trouble error={error} />
  if (!d || d.step.output === null || d.step.output === undefined) return null
  return (
    <details open>
      <summary>Its result</summary>
      <Value of={d.step.output} />
    </details>
  )
}

/** tell makes the pages of a walkthrough: the flow's own words where it has some. */
function tell(run: RunRecord, steps: StepSummary[], flow: FlowDescription | null): Page[] {
  const pages: Page[] = [
    {
      chapter: 'Start',
      title: flow?.purpose ?? run.flow,
      visible: flow?.visible || 'The input of the run, and what comes of it.',
      does: `It checks the input against the flow's schema, records it${run.model ? `, and will ask ${run.model}` : ''}.`,
      why: flow?.why || 'What a run was begun with is kept, so that it can go on after a crash and be compared later.',
    },
  ]
  for (const s of steps) {
    if (s.kind === 'map' || s.kind === 'parallel' || s.kind === 'call') continue
    const prompt = flow?.prompts.find((p) => p.name === s.name || p.purpose === s.purpose)
    pages.push({ chapter: 'Checkpoint', title: s.purpose || s.key, step: s, visible: prompt?.visible || sees(s), does: doing(s), why: prompt?.why || whys[s.boundary] || '' })
  }
  const left = run.status === 'done' ? 'The run is done.' : `The run is ${run.status}${run.reason && `: ${run.reason}`}.`
  pages.push({
    chapter: 'Outcome',
    title: left,
    visible: run.status === 'done' ? 'The result, and what each part of it came from.' : 'Where it stands, and what can be done about it.',
    does: `${count(run.usage.model_calls, 'call')} of models, ${cost(run.usage)}.`,
    why: 'Everything that led here is in the journal: it can be read, verified, rerun for the price of what has changed, or forked from any step.',
  })
  return pages
}

function sees(s: StepSummary): string {
  if (s.boundary === 'human') return 'A question, with what is proposed, and who decided what.'
  if (s.boundary === 'model') return 'The answer of a model, after it has passed its gates.'
  return 'The result of code.'
}

function doing(s: StepSummary): string {
  const parts: string[] = []
  if (s.reused_from) return `It takes the result over from ${s.reused_from}, since nothing has changed.`
  if (s.boundary === 'model') {
    parts.push(`It asks ${s.model || 'a model'} and checks the answer against its schema and gates.`)
    if (s.rejected > 0) parts.push(`${count(s.rejected, 'answer')} did not pass; the model was told why and asked again.`)
  } else if (s.boundary === 'human') parts.push('It stops until a person decides, also over restarts; nothing is lost meanwhile.')
  else parts.push('It executes code once, and records what that returned.')
  parts.push(s.status === 'done' ? 'The result is recorded: it will never be done again.' : `It is ${s.status}.`)
  return parts.join(' ')
}

const whys: Record<string, string> = {
  model: 'Language is what models are for; what they say is checked before anything is built on it.',
  human: 'What cannot be taken back, or cannot be judged by code, is a person’s to decide.',
  code: 'Code decides the order: it does the same each time, costs nothing and can be tested.',
}
