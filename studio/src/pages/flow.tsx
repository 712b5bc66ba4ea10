// A flow: what it may do, how it is written, and how it is called.

import { write } from '../json'
import type { FlowDescription } from '../api'
import { quote } from '../format'
import { Command } from '../parts/command'
import { useGot } from '../parts/got'
import { Loading, Trouble } from '../parts/problem'
import { Json } from '../parts/value'
import { Picture } from '../run/flow'
import { Files } from '../run/source'
import { StartForm } from './start'

const tabs: [string, string][] = [
  ['', 'Flow'],
  ['source', 'Source and prompts'],
  ['call', 'How to call it'],
  ['sandbox', 'Sandbox'],
]

export function Flow({ name, tab }: { name: string; tab: string }) {
  const [flow, error] = useGot<FlowDescription>('/flows/' + encodeURIComponent(name))
  if (!flow) return error ? <Trouble error={error} /> : <Loading what="the flow" />
  const at = `/flows/${encodeURIComponent(name)}`
  return (
    <section class="page">
      <h1>{flow.name}</h1>
      <p class="lead">{flow.purpose}</p>
      {(flow.pattern || flow.level) && <p class="quiet">{[flow.pattern, flow.level].filter(Boolean).join(' · ')}</p>}
      <nav class="tabs" aria-label="Views of the flow">
        {tabs.map(([t, title]) => (
          <a key={t} href={at + (t && '/' + t)} aria-current={t === tab ? 'page' : undefined}>
            {title}
          </a>
        ))}
      </nav>
      {tab === '' && (
        <>
          {flow.shape ? <Picture shape={flow.shape} /> : <p class="empty">The flow carries no source by which to draw it; a run of it is drawn by what happened.</p>}
          {(flow.visible || flow.why) && (
            <dl class="three">
              {flow.visible && (
                <div>
                  <dt>What you see</dt>
                  <dd>{flow.visible}</dd>
                </div>
              )}
              {flow.why && (
                <div>
                  <dt>Why it matters</dt>
                  <dd>{flow.why}</dd>
                </div>
              )}
            </dl>
          )}
        </>
      )}
      {tab === 'source' && <Files flow={name} at="" />}
      {tab === 'call' && <Calls flow={flow} />}
      {tab === 'sandbox' && (
        <>
          <p>Here each step stops before it runs: look at what it would ask, let it go on, or give its result yourself.</p>
          <StartForm flow={flow} stepping />
        </>
      )}
    </section>
  )
}

function Calls({ flow }: { flow: FlowDescription }) {
  const example = write(flow.example ?? {})
  return (
    <>
      <h2>Command line</h2>
      <Command line={`printf %s ${quote(example)} | pawl run ${quote(flow.name)} --input -`} />
      <Command line={`pawl run ${quote(flow.name)} --help`} />
      <h2>HTTP</h2>
      <Command line={`curl -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' -H 'Idempotency-Key: 1' -d ${quote(write({ flow: flow.name, input: flow.example ?? {} }))} ${location.origin}/api/v1/runs`} />
      <h2>MCP</h2>
      <p>
        An agent whose client has <code>pawl mcp</code>, or <code>{location.origin}/mcp</code> with a token, calls the tool <code>run_start</code> with:
      </p>
      <Command line={write({ flow: flow.name, input: flow.example ?? {}, idempotency_key: '1' })} />
      <h2>Input</h2>
      <Json of={flow.input} />
      <h2>Output</h2>
      <Json of={flow.output} />
    </>
  )
}
