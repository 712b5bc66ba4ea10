// A new run: a form from the flow's input.

import { write } from '../json'
import { useMemo, useState } from 'preact/hooks'
import { send, type FlowDescription, type FlowRecord, type RunRecord } from '../api'
import { quote } from '../format'
import { deniedStart, isStandIn, me } from '../me'
import { Command } from '../parts/command'
import { Denied } from '../parts/denied'
import { Form, initial, isSound, useFaults, type Schema } from '../parts/form'
import { useGot } from '../parts/got'
import { Loading, Trouble } from '../parts/problem'
import { go } from '../router'

export function Start({ flow }: { flow: string }) {
  const [flows, error] = useGot<FlowRecord[]>('/flows')
  return (
    <section class="page narrow">
      <h1>New run</h1>
      <Trouble error={error} />
      {!flows && !error && <Loading what="flows" />}
      {flows && (
        <div class="field">
          <label for="flow">Flow</label>
          <select id="flow" value={flow} onChange={(e) => go('/start/' + encodeURIComponent(e.currentTarget.value), true)}>
            <option value="" disabled>
              choose one
            </option>
            {flows.map((f) => (
              <option key={f.name}>{f.name}</option>
            ))}
          </select>
        </div>
      )}
      {flow && <StartOf key={flow} name={flow} />}
    </section>
  )
}

function StartOf({ name }: { name: string }) {
  const [flow, error] = useGot<FlowDescription>('/flows/' + encodeURIComponent(name))
  if (!flow) return error ? <Trouble error={error} /> : <Loading what="the flow" />
  return <StartForm flow={flow} />
}

/** StartForm starts a run of a flow. stepping: each step is seen before it runs. */
export function StartForm({ flow, stepping = false }: { flow: FlowDescription; stepping?: boolean }) {
  const schema = flow.input as Schema
  const [input, setInput] = useState<unknown>(() => initial(schema))
  const [step, setStep] = useState(stepping)
  const [usd, setUsd] = useState('')
  const [calls, setCalls] = useState('')
  const [model, setModel] = useState('')
  const [error, setError] = useState<unknown>(null)
  const [busy, setBusy] = useState(false)
  const key = useMemo(newKey, [input, step, usd, calls, model]) // the same form, sent twice, is one run
  const start = async (e: Event) => {
    e.preventDefault()
    if (!isSound(e.currentTarget as HTMLFormElement)) return
    setBusy(true)
    try {
      const budget = { ...(usd && { usd: Number(usd) }), ...(calls && { calls: Number(calls) }) }
      const run = await send<RunRecord>(
        'POST',
        '/runs',
        { flow: flow.name, input, ...(step && { step }), ...(model && { model }), ...(Object.keys(budget).length > 0 && { budget }) },
        { 'Idempotency-Key': key },
      )
      go('/runs/' + run.id)
    } catch (err) {
      setError(err)
      setBusy(false)
      requestAnimationFrame(() => document.querySelector<HTMLElement>('[aria-invalid]')?.focus())
    }
  }
  const why = deniedStart()
  const faults = useFaults(error, input, 'input')
  const asked = model || me.value?.model || ''
  return (
    <form class="card" onSubmit={start} noValidate>
      <p class="lead">{flow.purpose}</p>
      {flow.example !== null && flow.example !== undefined && (
        <p>
          <button type="button" class="small" onClick={() => setInput(flow.example)}>
            Fill in the example
          </button>
        </p>
      )}
      <Form schema={schema} value={input} change={setInput} path="" faults={faults} />
      <details>
        <summary>Model, budget, step by step</summary>
        <div class="fields">
          <label>
            Model <input value={model} onInput={(e) => setModel(e.currentTarget.value)} placeholder={me.value?.model || "the program's"} />
          </label>
          <label>
            At most, in US dollars <input inputMode="decimal" value={usd} onInput={(e) => setUsd(e.currentTarget.value)} />
          </label>
          <label>
            At most so many calls <input inputMode="numeric" value={calls} onInput={(e) => setCalls(e.currentTarget.value)} />
          </label>
        </div>
        <label class="check">
          <input type="checkbox" checked={step} onChange={(e) => setStep(e.currentTarget.checked)} /> Stop before each step, to look at it
        </label>
      </details>
      {isStandIn(asked) && (
        <p class="quiet">
          No language model answers: <code>{asked}</code> is a stand-in, which makes its answers up and costs nothing.
        </p>
      )}
      <Trouble error={error} />
      <Denied why={why} />
      <p>
        <button type="submit" class="primary" disabled={busy || !!why}>
          {busy ? 'Starting …' : 'Start'}
        </button>
      </p>
      <details>
        <summary>The same from a terminal</summary>
        <Command line={commandOf(flow, input, step, model, usd, calls)} />
      </details>
    </form>
  )
}

/** newKey is random. crypto.randomUUID is not there on a page that came over plain HTTP from another machine. */
function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, '0')).join('')
}

function commandOf(flow: FlowDescription, input: unknown, step: boolean, model: string, usd: string, calls: string): string {
  const flags = [step && '--step', model && `--model ${quote(model)}`, usd && `--budget-usd ${quote(usd)}`, calls && `--budget-calls ${quote(calls)}`]
  return [`printf %s ${quote(write(input))} | pawl run ${quote(flow.name)} --input -`, ...flags].filter(Boolean).join(' ')
}
