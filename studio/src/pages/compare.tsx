// Two runs side by side, step by step.

import type { Comparison, Listed, Progress, RunRecord } from '../api'
import { ago, briefOf, cost, span } from '../format'
import { Differences, Hunks } from '../parts/hunks'
import { useGot } from '../parts/got'
import { Loading, Trouble } from '../parts/problem'
import { Status } from '../parts/status'
import { query, setQuery } from '../router'

/** Others are runs to compare one with that has no base. */
function Others({ of }: { of: RunRecord }) {
  const [runs, error] = useGot<Listed[]>(`/runs?limit=20&flow=${encodeURIComponent(of.flow)}`)
  const others = runs?.filter((r) => r.id !== of.id)
  return (
    <>
      <p>
        <code>{of.id}</code> was not begun on the ground of another run. With which one is it to be compared?
      </p>
      <Trouble error={error} />
      {others?.length === 0 && <p class="empty">There is no other run of {of.flow} yet: rerun or fork this one.</p>}
      <ul class="others">
        {others?.map((r) => (
          <li key={r.id}>
            <Status is={r.status} /> <a href={`/compare?a=${r.id}&b=${of.id}`}>{r.id}</a> <span class="quiet">{ago(r.created_at)}</span> {briefOf(r.input)}
          </li>
        ))}
      </ul>
    </>
  )
}

/** unfinished names a run of two that has come to no result; empty: both have. */
function unfinished(c: Comparison): string {
  return [c.a, c.b].find((r) => r.status !== 'done')?.run ?? ''
}

export function Compare() {
  const [a, b] = [query.value.get('a') ?? '', query.value.get('b') ?? '']
  const later = `/runs/${encodeURIComponent(b)}`
  const [is, missing] = useGot<Progress>(b && !a ? `${later}/progress?since=${Number.MAX_SAFE_INTEGER}` : '') // its record alone
  const from = a || is?.run.base || ''
  const [all, failed] = useGot<Comparison>(b && from && `${later}/diff?with=${encodeURIComponent(from)}`)
  const error = missing ?? failed
  return (
    <section class="page">
      <h1>Compare</h1>
      <form class="filters" onSubmit={(e) => e.preventDefault()}>
        <label>
          The earlier run <input value={a} placeholder={is?.run.base ?? 'a run'} onChange={(e) => setQuery({ a: e.currentTarget.value.trim() })} />
        </label>
        <label>
          The later run <input value={b} onChange={(e) => setQuery({ b: e.currentTarget.value.trim() })} />
        </label>
      </form>
      <Trouble error={error} />
      {!b && <p class="empty">Name two runs, or open this page from a run.</p>}
      {is && !from && <Others of={is.run} />}
      {b && (from || !is) && !all && !error && <Loading what="the comparison" />}
      {all && (
        <>
          <div class="columns">
            {[all.a, all.b].map((r) => (
              <div key={r.run} class="card">
                <h2>
                  <a href={`/runs/${r.run}`}>
                    <code>{r.run}</code>
                  </a>
                </h2>
                <p>
                  <Status is={r.status} /> {cost(r.usage)} in {span(r.seconds * 1000)}
                </p>
              </div>
            ))}
          </div>
          {(['input', 'setup', 'output'] as const).map((what) => (
            <section key={what}>
              <h2>{{ input: 'Input', setup: 'Set-up', output: 'Output' }[what]}</h2>
              {what === 'output' && unfinished(all) ? <p class="quiet">{unfinished(all)} has no result.</p> : <Differences of={all[what]} />}
            </section>
          ))}
          <h2>Steps</h2>
          {all.steps.map((s) => (
            <details key={s.key + s.change} class="card">
              <summary>
                <strong>{s.change}</strong> <code>{s.key}</code> <span class="quiet">{s.purpose}</span>
              </summary>
              {s.sent.map((m, i) => (
                <div key={i} class="message">
                  <p class="small-title">{m.role}</p>
                  <Hunks hunks={m.words} />
                </div>
              ))}
              {s.result && <Differences of={s.result} />}
            </details>
          ))}
        </>
      )}
    </section>
  )
}
