// Two runs side by side, step by step.

import type { Comparison } from '../api'
import { cost, span } from '../format'
import { Differences, Hunks } from '../parts/hunks'
import { useGot } from '../parts/got'
import { Loading, Trouble } from '../parts/problem'
import { Status } from '../parts/status'
import { query, setQuery } from '../router'

export function Compare() {
  const [a, b] = [query.value.get('a') ?? '', query.value.get('b') ?? '']
  const [all, error] = useGot<Comparison>(b && `/runs/${encodeURIComponent(b)}/diff${a && '?with=' + encodeURIComponent(a)}`)
  return (
    <section class="page">
      <h1>Compare</h1>
      <form class="filters" onSubmit={(e) => e.preventDefault()}>
        <label>
          The earlier run <input value={a} placeholder="its base" onChange={(e) => setQuery({ a: e.currentTarget.value.trim() })} />
        </label>
        <label>
          The later run <input value={b} onChange={(e) => setQuery({ b: e.currentTarget.value.trim() })} />
        </label>
      </form>
      <Trouble error={error} />
      {!b && <p class="empty">Name two runs, or open this page from a run.</p>}
      {b && !all && !error && <Loading what="the comparison" />}
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
              {all[what] ? <Differences of={all[what]!} /> : <p class="quiet">Not known.</p>}
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
