import type { FlowRecord } from '../api'
import { deniedStart } from '../me'
import { useGot } from '../parts/got'
import { Loading, Trouble } from '../parts/problem'

export function Flows() {
  const [flows, error] = useGot<FlowRecord[]>('/flows')
  return (
    <section class="page">
      <h1>Flows</h1>
      <Trouble error={error} />
      {!flows && !error && <Loading what="flows" />}
      <ul class="cards">
        {flows?.map((f) => (
          <li key={f.name} class="card">
            <h2>
              <a href={`/flows/${encodeURIComponent(f.name)}`}>{f.name}</a>
            </h2>
            <p>{f.purpose}</p>
            <p>
              {!deniedStart() && <a href={`/start/${encodeURIComponent(f.name)}`}>Start</a>}{!deniedStart() && ' · '}<a href={`/?flow=${encodeURIComponent(f.name)}`}>Runs</a>
            </p>
          </li>
        ))}
      </ul>
    </section>
  )
}
