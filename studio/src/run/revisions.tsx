// How a text became what it is: what each of several steps made of what was before.

import { useEffect, useState } from 'preact/hooks'
import { get, mayPass, type Revisions, type RunRecord, type StepSummary } from '../api'
import { soon } from '../live'
import { Differences } from '../parts/hunks'
import { Loading, Trouble } from '../parts/problem'
import { Value } from '../parts/value'
import type { Live } from './store'

export function RevisionsTab({ run, steps, live }: { run: RunRecord; steps: StepSummary[]; live: Live }) {
  const asks = [...new Set(steps.filter((s) => s.kind === 'ask' || s.kind === 'approve').map((s) => s.key.replace(/#\d+$/, '')))]
  const [chosen, setChosen] = useState<string[]>([])
  const [all, setAll] = useState<Revisions | null>(null)
  const [error, setError] = useState<unknown>(null)
  const of = chosen.length > 0 ? chosen : []
  useEffect(() => {
    const q = of.map((s) => '&steps=' + encodeURIComponent(s)).join('')
    let gone = false
    const load = soon(async () => {
      if (gone) return
      try {
        const r = await get<Revisions>(`/runs/${run.id}/revisions?${q.slice(1)}`)
        if (!gone) (setAll(r), setError(null))
      } catch (e) {
        if (!gone) setError(e)
        return mayPass(e)
      }
    }, 2000)
    const stop = live.changed.subscribe(load)
    return () => {
      gone = true
      stop()
    }
  }, [run.id, of.join()])
  return (
    <section>
      <fieldset class="choice">
        <legend>What became of the results of these steps, one after another</legend>
        {asks.slice(0, 60).map((s) => (
          <label key={s} class="check">
            <input type="checkbox" checked={(all?.steps ?? of).includes(s)} onChange={(e) => setChosen(e.currentTarget.checked ? [...(all?.steps ?? of), s] : (all?.steps ?? of).filter((o) => o !== s))} /> <code>{s}</code>
          </label>
        ))}
      </fieldset>
      <Trouble error={error} />
      {!all && !error && <Loading what="revisions" />}
      {all?.revisions.length === 0 && <p class="empty">Nothing in this run was written more than once. Choose steps to set their results side by side.</p>}
      {all?.revisions.map((r, i) => (
        <article key={i} class="card">
          <h3>
            <code>{r.key}</code> attempt {r.attempt}
            {!r.accepted && <span class="quiet"> – turned down</span>}
          </h3>
          {r.why.length > 0 && (
            <ul>
              {r.why.map((w, k) => (
                <li key={k} class="text">
                  {w}
                </li>
              ))}
            </ul>
          )}
          {i > 0 ? <Differences of={r.since} /> : <Value of={r.result} />}
        </article>
      ))}
    </section>
  )
}
