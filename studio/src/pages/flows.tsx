import { useEffect, useState } from 'preact/hooks'
import { get, type FlowRecord } from '../api'
import { Loading, Trouble } from '../parts/problem'

export function Flows() {
  const [flows, setFlows] = useState<FlowRecord[] | null>(null)
  const [error, setError] = useState<unknown>(null)
  useEffect(() => void get<FlowRecord[]>('/flows').then(setFlows, setError), [])
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
              <a href={`/start/${encodeURIComponent(f.name)}`}>Start</a> · <a href={`/?flow=${encodeURIComponent(f.name)}`}>Runs</a>
            </p>
          </li>
        ))}
      </ul>
    </section>
  )
}
