// What a run waits for, and what lifts it. What was shown is what is decided: the decision
// carries the digest of the blocker that stands here.

import { useEffect, useRef, useState } from 'preact/hooks'
import { get, keyPath, send, type Action, type Blocker, type OpenBlocker, type RunRecord } from '../api'
import { ago, time } from '../format'
import { denied } from '../me'
import { Command } from '../parts/command'
import { Denied } from '../parts/denied'
import { Folded } from '../parts/folded'
import { Form, initial, isSound, useFaults, type Schema } from '../parts/form'
import { Trouble } from '../parts/problem'
import { Status } from '../parts/status'
import { Json, Value } from '../parts/value'

const kinds: Record<string, string> = {
  approval: 'waits for an approval',
  input: 'waits for an answer',
  failure: 'waits, since a step failed',
  budget: 'waits, since its budget is spent',
  breakpoint: 'stops before each step',
  event: 'waits for an event of a program',
  mismatch: 'waits, since its journal does not fit the code',
  unknown: 'waits, since a crash hid how a call ended',
}

export function Blockers({ run, live }: { run: RunRecord; live: { look: () => void } }) {
  if (run.blockers.length === 0) return null
  return (
    <div class="blockers">
      {run.blockers.map((b) => (
        <BlockerCard key={b.key + b.kind} run={run.id} b={b} look={live.look} />
      ))}
    </div>
  )
}

/** BlockerCard is a blocker with what can be done about it. */
export function BlockerCard({ run, b, look, whole }: { run: string; b: Blocker; look: () => void; whole?: boolean }) {
  // What is shown stays while somebody reads and edits, until they take what is new.
  const [shown, setShown] = useState(b)
  const [chosen, setChosen] = useState<string>('')
  const stale = shown.digest !== b.digest
  const why = denied(run, b.key)
  useEffect(() => {
    if (!chosen) setShown(b)
  }, [b, chosen])
  const action = shown.actions.find((a) => a.name === chosen)
  return (
    <section class="blocker" aria-label={shown.question || kinds[shown.kind] || shown.kind}>
      <header>
        <Status is="waiting" word={shown.limit ? 'waits at a limit on many runs' : (kinds[shown.kind] ?? shown.kind)} />
        {shown.key && (
          <a href={`/runs/${run}?step=${encodeURIComponent(shown.key)}`}>
            <code>{shown.key}</code>
          </a>
        )}
        <time class="quiet" dateTime={shown.since} title={time(shown.since)}>
          {ago(shown.since)}
        </time>
      </header>
      {shown.question && (
        <h2 class="question">
          {shown.kind === 'breakpoint' && shown.key ? (
            <>
              Go on with <code>{shown.key}</code>?
            </>
          ) : (
            shown.question
          )}
        </h2>
      )}
      {shown.deadline && <p class="quiet">Until {time(shown.deadline)}</p>}
      {(shown.not_by ?? []).length > 0 && <p class="quiet">Not by {shown.not_by!.join(', ')}: somebody else has to decide.</p>}
      {shown.proposal !== null && shown.proposal !== undefined && <Folded of={shown.proposal} whole={whole || chosen !== ''} />}
      {shown.request && <RequestOf b={shown} />}
      {stale && (
        <div class="trouble" role="alert">
          <p>This has changed since it was shown.</p>
          <button
            type="button"
            onClick={() => {
              setShown(b)
              setChosen('')
            }}
          >
            Show it as it is now
          </button>
        </div>
      )}
      <div class="actions">
        {shown.actions.map((a) =>
          isPlain(shown, a) ? (
            <GoOn key={a.name} run={run} b={shown} stale={stale} why={why} done={look} />
          ) : (
            <button type="button" key={a.name} class={!chosen && (a.name === 'approve' || a.name === 'answer') ? 'primary' : ''} aria-pressed={chosen === a.name} disabled={!!why} title={why || undefined} onClick={() => setChosen(chosen === a.name ? '' : a.name)}>
              {words[a.name] ?? a.name}
            </button>
          ),
        )}
      </div>
      <Denied why={why} />
      {action && <Decide key={action.name} run={run} b={shown} action={action} stale={stale} done={() => (setChosen(''), look())} />}
    </section>
  )
}

const words: Record<string, string> = {
  approve: 'Approve …',
  reject: 'Reject …',
  answer: 'Answer …',
  retry: 'Try again …',
  supply: 'Give its result …',
  raise: 'Raise the budget …',
  continue: 'Continue …',
  skip: 'Skip …',
  cancel: 'Cancel the run …',
}

/** isPlain reports whether an action wants nothing said: at each of many steps one presses one button. */
function isPlain(b: Blocker, a: Action): boolean {
  return b.kind === 'breakpoint' && a.name === 'continue'
}

let stepping = '' // the run that was just let on: its next breakpoint takes the focus

/** GoOn lets a run go on past a breakpoint, at once. */
function GoOn({ run, b, stale, why, done }: { run: string; b: Blocker; stale: boolean; why: string; done: () => void }) {
  const [error, setError] = useState<unknown>(null)
  const [busy, setBusy] = useState(false)
  const button = useRef<HTMLButtonElement>(null)
  useEffect(() => {
    if (stepping === run && document.activeElement === document.body) button.current?.focus()
    stepping = ''
  }, [])
  const goOn = async () => {
    setBusy(true)
    setError(null)
    try {
      await send('POST', `/runs/${run}/decisions`, { key: b.key, what: 'continue', digest: b.digest })
      stepping = run
      done()
    } catch (err) {
      setError(err)
      setBusy(false)
    }
  }
  return (
    <>
      <button type="button" ref={button} class="primary" disabled={busy || stale || !!why} title={why || undefined} onClick={goOn}>
        {busy ? 'Going on …' : 'Continue'}
      </button>
      <Trouble error={error} />
    </>
  )
}

function RequestOf({ b }: { b: Blocker }) {
  const r = b.request!
  return (
    <details class="request" open>
      <summary>{r.model ? `What will be sent to ${r.model}` : 'What it will be given'}</summary>
      {(r.messages ?? []).map((m, i) => (
        <div key={i} class="message">
          <p class="small-title">{m.role}</p>
          <div class="text">{m.text}</div>
        </div>
      ))}
      {r.data !== null && r.data !== undefined && <Value of={r.data} />}
      {r.cut && <p class="quiet">It is longer than is shown here.</p>}
    </details>
  )
}

// what stands for a value that is not shown, and so is not edited
const hidden = '***'

/** Decide is the form of one decision. */
function Decide({ run, b, action, stale, done }: { run: string; b: Blocker; action: Action; stale: boolean; done: () => void }) {
  const [open, setOpen] = useState<OpenBlocker | null>(null)
  const [value, setValue] = useState<unknown>(undefined)
  const [edited, setEdited] = useState(false)
  const [reason, setReason] = useState('')
  const [comment, setComment] = useState('')
  const [budget, setBudget] = useState<Record<string, string>>({})
  const [error, setError] = useState<unknown>(null)
  const [busy, setBusy] = useState(false)
  const form = useRef<HTMLFormElement>(null)
  const carries = action.name === 'answer' || action.name === 'supply'
  const raises = action.name === 'raise'
  useEffect(() => {
    const fields = Array.from(form.current?.querySelectorAll<HTMLInputElement>('input, textarea, select, button') ?? [])
    ;(fields.find((f) => raises && f.value) ?? fields[0])?.focus() // of amounts the one that is to be raised
    if (!b.key) return
    get<OpenBlocker>(keyPath(run, 'blockers', b.key)).then((o) => {
      setOpen(o)
      const schema = o.schema as Schema | null
      if (carries && schema) setValue(initial(schema))
      else if (action.name === 'approve') setValue(b.proposal)
    }, setError)
  }, [])
  const schema = open?.schema as Schema | null | undefined
  const decide = async (e: Event) => {
    e.preventDefault()
    if (!isSound(form.current)) return
    setBusy(true)
    setError(null)
    const amounts = Object.fromEntries(
      Object.entries<string | number | null>({ ...action.budget, ...budget }) // what is proposed stands in the fields until it is changed
        .filter(([, v]) => v !== '' && v != null)
        .map(([k, v]) => [k, Number(v)]),
    )
    try {
      await send('POST', `/runs/${run}/decisions`, {
        key: b.key,
        what: action.name,
        digest: b.digest,
        ...((carries || edited) && { value }),
        ...(reason && { reason }),
        ...(comment && { comment }),
        ...(raises && Object.keys(amounts).length > 0 && { budget: amounts }),
      })
      done()
    } catch (err) {
      setError(err)
      setBusy(false)
    }
  }
  const faults = useFaults(error, value, 'value')
  return (
    <form class="decide" ref={form} onSubmit={decide} noValidate>
      {action.name === 'approve' && schema && b.proposal !== null && b.proposal !== undefined && b.proposal !== hidden && (
        <label class="check">
          <input type="checkbox" checked={edited} onChange={(e) => setEdited(e.currentTarget.checked)} /> Change it before it is approved
        </label>
      )}
      {schema && (carries || (action.name === 'approve' && edited)) && <Form schema={schema} value={value} change={setValue} path="" faults={faults} />}
      {carries && open && !schema && (
        <label class="field">
          Value
          <textarea rows={4} value={String(value ?? '')} onInput={(e) => setValue(e.currentTarget.value)} />
        </label>
      )}
      {raises && (
        <div class="fields">
          {(['usd', 'tokens', 'calls'] as const).map((what) => (
            <label key={what}>
              {{ usd: 'US dollars', tokens: 'Tokens', calls: 'Calls' }[what]} {b.limit ? 'beyond the limit, in all' : 'in all'}
              <input inputMode="decimal" value={budget[what] ?? String(action.budget?.[what] ?? '')} onInput={(e) => setBudget({ ...budget, [what]: e.currentTarget.value })} />
            </label>
          ))}
        </div>
      )}
      {(b.reasons ?? []).length > 0 && action.name === 'reject' && (
        <label class="field">
          Reason
          <select value={reason} onChange={(e) => setReason(e.currentTarget.value)}>
            <option value="">none</option>
            {b.reasons!.map((r) => (
              <option key={r}>{r}</option>
            ))}
          </select>
        </label>
      )}
      <label class="field">
        <span>
          Comment <span class="quiet">{action.name === 'reject' ? '(the model is told)' : '(may be left out)'}</span>
        </span>
        <textarea rows={2} value={comment} onInput={(e) => setComment(e.currentTarget.value)} />
      </label>
      <Trouble error={error} />
      <p>
        <button type="submit" class="primary" disabled={busy || stale}>
          {busy ? 'Deciding …' : (words[action.name] ?? action.name).replace(' …', '')}
        </button>
      </p>
      <details>
        <summary>The same from a terminal</summary>
        <Command line={action.command} />
      </details>
      {edited && (
        <details>
          <summary>As JSON</summary>
          <Json of={value} />
        </details>
      )}
    </form>
  )
}
