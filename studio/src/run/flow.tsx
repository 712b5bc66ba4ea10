// The flow as its code says it, with the steps of this run counted in it. Boxes in boxes, in
// three lanes for who acts: what is drawn is the shape that the server reads from the sources.

import { useEffect, useState } from 'preact/hooks'
import { get, mayPass, type Node, type RunRecord, type Shape } from '../api'
import { count } from '../format'
import { soon } from '../live'
import { Loading, Trouble } from '../parts/problem'
import { Icon, tone } from '../parts/status'
import { setQuery } from '../router'
import type { Live } from './store'

export function FlowTab({ live, run, chosen }: { live: Live; run: RunRecord; chosen: string }) {
  const [shape, setShape] = useState<Shape | null>(null)
  const [error, setError] = useState<unknown>(null)
  useEffect(() => {
    let gone = false
    const load = soon(async () => {
      if (gone) return
      try {
        const s = await get<Shape>(`/runs/${run.id}/shape`)
        if (!gone) (setShape(s), setError(null))
      } catch (e) {
        if (!gone) setError(e)
        return mayPass(e)
      }
    }, 700)
    const stop = live.changed.subscribe(load)
    return () => {
      gone = true
      stop()
    }
  }, [run.id])
  if (!shape) return error ? <Trouble error={error} /> : <Loading what="the flow" />
  return <Picture shape={shape} chosen={chosen} pieces={live.pieces.value} />
}

/** Picture draws a shape: of a run, or of a flow that has not run. */
export function Picture({ shape, chosen, pieces }: { shape: Shape; chosen?: string; pieces?: Map<string, string> }) {
  return (
    <figure class="picture" aria-label={`The steps of ${shape.flow}`}>
      <div class="lanes" aria-hidden="true">
        <span class="boundary code">code</span>
        <span class="boundary model">model</span>
        <span class="boundary human">human</span>
      </div>
      <Nodes of={shape.nodes} chosen={chosen ?? ''} pieces={pieces} />
      {!shape.whole && <p class="quiet">It is larger than is shown here.</p>}
      {shape.from === 'run' && <figcaption class="quiet">What happened: the flow carries no source by which to say what else may.</figcaption>}
    </figure>
  )
}

type Inner = { chosen: string; pieces?: Map<string, string> }

function Nodes({ of, ...inner }: { of: Node[] | null } & Inner) {
  return (
    <ol class="nodes">
      {(of ?? []).map((n, i) => (
        <li key={i}>
          <One n={n} {...inner} />
        </li>
      ))}
    </ol>
  )
}

const frames: Record<string, (n: Node) => string> = {
  scope: (n) => (n.kind === 'map' ? `${n.text}: for each` : n.kind === 'parallel' ? `${n.text}: at once` : `${n.text}: another flow`),
  branch: (n) => n.text,
  loop: (n) => n.text,
  choice: () => 'one of these, or none',
  case: (n) => n.text + (n.leaves ? ', and the loop is over' : ''),
  group: (n) => `pattern ${n.text}`,
}

function One({ n, ...inner }: { n: Node } & Inner) {
  if (n.type === 'step') return <StepNode n={n} {...inner} />
  if (n.type === 'again') return <p class="aside">↺ {n.text} again</p>
  if (n.type === 'opaque') return <p class="aside">{n.text}: code that could not be followed</p>
  const head = frames[n.type]?.(n) ?? n.text
  return (
    <section class={`frame ${n.type} ${n.kind}`} aria-label={head}>
      <header>
        <span>{head}</span>
        {n.seen && n.seen.steps > 0 && <span class="quiet">{n.type === 'scope' ? marks(n) : ''}</span>}
      </header>
      <Nodes of={n.nodes} {...inner} />
    </section>
  )
}

/** stateOf is what stands out of the steps of a node. */
function stateOf(n: Node): string {
  const s = n.seen
  if (!s || s.steps === 0) return 'planned'
  if (s.failed > 0) return 'failed'
  if (s.waiting > 0) return 'waiting'
  if (s.running > 0) return 'running'
  if (s.reused > 0 && s.reused === s.done) return 'reused'
  return s.done === s.steps ? 'done' : 'pending'
}

function marks(n: Node): string {
  const s = n.seen
  if (!s || s.steps === 0) return ''
  const parts = [s.failed && `${s.failed} failed`, s.waiting && `${s.waiting} waiting`, s.running && `${s.running} running`].filter(Boolean)
  const many = s.steps > 1 ? `${s.done} of ${s.steps} done` : ''
  return [many, ...(s.steps > 1 ? parts : [])].filter(Boolean).join(', ')
}

function StepNode({ n, chosen, pieces }: { n: Node } & Inner) {
  const [all, setAll] = useState(false)
  const state = stateOf(n)
  const keys = n.seen?.keys ?? []
  const here = keys.includes(chosen)
  const text = marks(n)
  const writing = keys.map((k) => pieces?.get(k)).find((t) => t)
  const word = `${n.text}: ${state === 'planned' ? 'not begun' : state}${text && ', ' + text}${n.seen && n.seen.calls > n.seen.steps ? `, ${count(n.seen.calls, 'call')}` : ''}`
  const inside = (
    <>
      <Icon name={state} />
      <span class="name">
        {n.text}
        <span class="quiet">{n.kind}</span>
      </span>
      {n.purpose && <span class="purpose">{n.purpose}</span>}
      {text && <span class="marks">{text}</span>}
    </>
  )
  return (
    <div class={`lane ${n.boundary}`}>
      <div class={`node ${tone(state)} ${here ? 'chosen' : ''} ${state === 'planned' ? 'unseen' : ''}`}>
        {keys.length > 0 ? (
          <button type="button" class="box" aria-pressed={here} aria-label={`Step ${word}`} onClick={() => (setAll(!all), setQuery({ step: here ? chosen : keys[0]!, attempt: '' }))}>
            {inside}
          </button>
        ) : (
          <div class="box">{inside}</div>
        )}
        {writing && <p class="writing">{writing.slice(-160)}</p>}
        {all && keys.length > 1 && (
          <ul class="keys-of">
            {keys.map((k) => (
              <li key={k}>
                <button type="button" class="small" aria-pressed={k === chosen} onClick={() => setQuery({ step: k, attempt: '' })}>
                  {k}
                </button>
              </li>
            ))}
          </ul>
        )}
      </div>
    </div>
  )
}
