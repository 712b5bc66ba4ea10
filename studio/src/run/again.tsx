// A new run on the ground of another: once more with what is different, or from a step on
// another way. What that would take over can be seen before.

import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { get, keyPath, send, type FlowDescription, type PlannedStep, type RunRecord, type StepDetail, type StepSummary } from '../api'
import { cost, count, quote } from '../format'
import { patchOf, setsOf, write } from '../json'
import { Command } from '../parts/command'
import { Dialog } from '../parts/dialog'
import { faultsIn, Form, isSound, type Schema } from '../parts/form'
import { Trouble } from '../parts/problem'
import { go } from '../router'

type Props = { run: RunRecord; close: () => void }

/** Rerun takes over what has not changed, and does the rest. */
export function Rerun({ run, close }: Props) {
  const [input, setInput] = useState<unknown>(undefined)
  const [schema, setSchema] = useState<Schema | null>(null)
  const [model, setModel] = useState('')
  const [step, setStep] = useState(false)
  useEffect(() => {
    get<FlowDescription>('/flows/' + encodeURIComponent(run.flow)).then((f) => setSchema(f.input as Schema), () => {}) // without it: as it was
  }, [run.flow])
  // a part of the input, where it can be said so: what is not shown of it stays as it is
  const patch = input === undefined ? {} : patchOf(run.input, input)
  const sets = setsOf(patch)?.map((set) => '--set ' + quote(set))
  const body = { ...(patch === undefined ? { input } : input !== undefined && { input_patch: patch }), ...(model && { model }), ...(step && { step }) }
  return (
    <Again
      title="Rerun: pay only for what has changed"
      label="Rerun"
      route={`/runs/${run.id}/rerun`}
      body={body}
      close={close}
      command={[!sets && `printf %s ${quote(write(input))} |`, 'pawl rerun', run.id, ...(sets ?? ['--input -']), model && '--model ' + quote(model)].filter(Boolean).join(' ')}
      form={(faults) => (
        <>
          <p>What has not changed since is taken over from this run and costs nothing.</p>
          {schema && (
            <label class="check">
              <input type="checkbox" checked={input !== undefined} onChange={(e) => setInput(e.currentTarget.checked ? run.input : undefined)} /> With another input
            </label>
          )}
          {schema && input !== undefined && <Form schema={schema} value={input} change={setInput} path="" faults={faults('input')} />}
          <How model={model} setModel={setModel} step={step} setStep={setStep} />
        </>
      )}
    />
  )
}

/** Fork has all that a run had come to before a step, and goes another way from it on. */
export function Fork({ run, steps, from, close }: Props & { steps: StepSummary[]; from: string }) {
  const [at, setAt] = useState(from)
  const [given, setGiven] = useState(false)
  const [result, setResult] = useState<unknown>(undefined)
  const [schema, setSchema] = useState<Schema>({})
  const [model, setModel] = useState('')
  const [step, setStep] = useState(false)
  const [error, setError] = useState<unknown>(null)
  const give = async (on: boolean) => {
    setError(null)
    if (!on) return setGiven(false)
    try {
      const d = await get<StepDetail>(keyPath(run.id, 'steps', at))
      setSchema((d.requests.at(-1)?.schema ?? (typeof d.step.output === 'string' ? { type: 'string' } : {})) as Schema)
      setResult(d.step.output ?? undefined)
      setGiven(true) // not before: what is typed into a form that is replaced would be lost
    } catch (err) {
      setError(err)
      setGiven(false)
    }
  }
  const body = { at, ...(given && { result }), ...(model && { model }), ...(step && { step }) }
  const flags = ['--at ' + quote(at || 'KEY'), given && '--value ' + quote(typeof result === 'string' ? result : write(result ?? null)), model && '--model ' + quote(model)]
  return (
    <Again
      title="Fork: go another way from a step"
      label="Fork"
      route={`/runs/${run.id}/fork`}
      body={body}
      close={close}
      command={['pawl fork', run.id, ...flags].filter(Boolean).join(' ')}
      form={(faults) => (
        <>
          <label class="field">
            From this step on; what is before it is taken over
            <input
              required
              list="forks"
              value={at}
              onInput={(e) => {
                setAt(e.currentTarget.value)
                setGiven(false)
              }}
            />
          </label>
          <datalist id="forks">
            {steps.slice(0, 500).map((s) => (
              <option key={s.key} value={s.key} />
            ))}
          </datalist>
          <label class="check">
            <input type="checkbox" checked={given} disabled={!at} onChange={(e) => void give(e.currentTarget.checked)} /> Give the step’s result, instead of doing it anew
          </label>
          <Trouble error={error} />
          {given && <Form schema={schema} value={result} change={setResult} path="" faults={faults('result')} />}
          <How model={model} setModel={setModel} step={step} setStep={setStep} />
        </>
      )}
    />
  )
}

function How(p: { model: string; setModel: (m: string) => void; step: boolean; setStep: (s: boolean) => void }) {
  return (
    <>
      <label class="field">
        Model
        <input value={p.model} placeholder="as before" onInput={(e) => p.setModel(e.currentTarget.value)} />
      </label>
      <label class="check">
        <input type="checkbox" checked={p.step} onChange={(e) => p.setStep(e.currentTarget.checked)} /> Stop before each step, to look at it
      </label>
    </>
  )
}

type Faults = ReturnType<typeof faultsIn>

function Again(p: { title: string; label: string; route: string; body: object; command: string; close: () => void; form: (faults: (field: string) => Faults) => ComponentChildren }) {
  const [plan, setPlan] = useState<PlannedStep[] | null>(null)
  const [error, setError] = useState<unknown>(null)
  const [busy, setBusy] = useState(false)
  const form = useRef<HTMLFormElement>(null)
  const asked = write(p.body)
  useEffect(() => setPlan(null), [asked]) // it was of something else
  const ask = async <T,>(route: string, took: (answer: T) => void) => {
    if (!isSound(form.current)) return
    setBusy(true)
    setError(null)
    try {
      took(await send<T>('POST', route, p.body))
    } catch (err) {
      setError(err)
    } finally {
      setBusy(false)
    }
  }
  const start = (e: Event) => {
    e.preventDefault()
    void ask<RunRecord>(p.route, (made) => {
      p.close()
      go('/runs/' + made.id)
    })
  }
  const faults = (field: string) => (error ? faultsIn(error, field) : [])
  return (
    <Dialog title={p.title} close={p.close}>
      <form ref={form} onSubmit={start} noValidate>
        {p.form(faults)}
        <p>
          <button type="button" class="small" disabled={busy} onClick={() => void ask<PlannedStep[]>(p.route + '/plan', setPlan)}>
            What would be done?
          </button>
        </p>
        {plan && <Plan steps={plan} />}
        <Trouble error={error} />
        <p>
          <button type="submit" class="primary" disabled={busy}>
            {busy ? 'Asking …' : p.label}
          </button>
        </p>
      </form>
      <Command line={p.command} />
    </Dialog>
  )
}

const expects: Record<string, string> = { reuse: 'taken over', run: 'done anew', unknown: 'not known yet' }

function Plan({ steps }: { steps: PlannedStep[] }) {
  const reused = steps.filter((s) => s.expect === 'reuse').length
  return (
    <div class="plan">
      <p>
        {count(reused, 'step')} taken over, {count(steps.length - reused, 'step')} done anew or not known yet.
      </p>
      <ul>
        {steps.map((s) => (
          <li key={s.key}>
            <strong>{expects[s.expect] ?? s.expect}</strong> <code>{s.key}</code> {s.took && <span class="quiet">took {cost(s.took)}</span>} {s.in_doubt && <span class="quiet">it may have been done already</span>}
          </li>
        ))}
      </ul>
    </div>
  )
}
