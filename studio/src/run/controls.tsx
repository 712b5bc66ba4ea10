// What can be done with a run, on each of its views; each with the command line that does the
// same.

import { useState } from 'preact/hooks'
import { address, send, type PlannedStep, type RunRecord } from '../api'
import { cost, count, quote } from '../format'
import { denied } from '../me'
import { Command } from '../parts/command'
import { Denied } from '../parts/denied'
import { Dialog } from '../parts/dialog'
import { Trouble } from '../parts/problem'
import { go, query } from '../router'

type Control = 'pause' | 'resume' | 'cancel' | 'guide' | 'raise' | 'rerun' | 'fork' | 'remove'

const titles: Record<Control, string> = {
  pause: 'Pause the run',
  resume: 'Resume the run',
  cancel: 'Cancel the run',
  guide: 'Give the run an instruction',
  raise: 'Set the budget anew',
  rerun: 'Run again, for the price of what has changed',
  fork: 'Go another way from a step',
  remove: 'Remove the run for good',
}

export function Controls({ run, live }: { run: RunRecord; live: { look: () => void } }) {
  const [open, setOpen] = useState<Control | null>(null)
  const why = denied()
  const ended = ['done', 'failed', 'canceled'].includes(run.status)
  const paused = run.status === 'paused' || run.status === 'pausing'
  const some: Control[] = run.imported
    ? ['fork', 'remove']
    : ended
      ? ['rerun', 'fork', ...(run.status === 'failed' ? (['resume'] as Control[]) : []), 'remove']
      : [paused ? 'resume' : 'pause', 'guide', 'raise', 'cancel', 'fork']
  const names: Record<Control, string> = { pause: 'Pause', resume: 'Resume', cancel: 'Cancel', guide: 'Guide', raise: 'Budget', rerun: 'Rerun', fork: 'Fork', remove: 'Remove' }
  return (
    <div class="controls" role="group" aria-label="Controls of the run">
      {some.map((c) => (
        <button type="button" key={c} disabled={!!why} title={why || undefined} aria-describedby={why ? 'denied' : undefined} onClick={() => setOpen(c)}>
          {names[c]}
        </button>
      ))}
      <a class="button" href={`/compare?a=${run.base ?? ''}&b=${run.id}`}>
        Compare
      </a>
      <details class="menu">
        <summary class="button">Export</summary>
        <ul>
          {['json', 'md', 'html'].map((f) => (
            <li key={f}>
              <a href={address(`/runs/${run.id}/export?format=${f}`)} download={`${run.id}.${f}`}>
                as {f}
              </a>
            </li>
          ))}
        </ul>
      </details>
      <Denied why={why} id="denied" />
      {open && <ControlDialog what={open} run={run} close={() => setOpen(null)} look={live.look} />}
    </div>
  )
}

function ControlDialog({ what, run, close, look }: { what: Control; run: RunRecord; close: () => void; look: () => void }) {
  const [text, setText] = useState('')
  const [amounts, setAmounts] = useState<Record<string, string>>({})
  const [at, setAt] = useState(query.value.get('step') ?? run.blockers[0]?.key ?? '')
  const [plan, setPlan] = useState<PlannedStep[] | null>(null)
  const [error, setError] = useState<unknown>(null)
  const [busy, setBusy] = useState(false)
  const budget = Object.fromEntries(
    Object.entries(amounts)
      .filter(([, v]) => v !== '')
      .map(([k, v]) => [k, Number(v)]),
  )
  const body = { cancel: { reason: text }, guide: { text }, raise: { ...budget, ...(text && { comment: text }) }, fork: { at }, pause: undefined, resume: undefined, rerun: undefined, remove: undefined }[what]
  const doIt = async (e: Event) => {
    e.preventDefault()
    setBusy(true)
    setError(null)
    try {
      if (what === 'remove') {
        await send('DELETE', `/runs/${run.id}`)
        return go('/')
      }
      const made = await send<RunRecord | undefined>('POST', `/runs/${run.id}/${what === 'guide' ? 'guidance' : what}`, body)
      close()
      look()
      if ((what === 'rerun' || what === 'fork') && made?.id) go(`/runs/${made.id}`)
    } catch (err) {
      setError(err)
      setBusy(false)
    }
  }
  const lookAhead = async () => {
    try {
      setPlan(await send<PlannedStep[]>('POST', `/runs/${run.id}/${what}/plan`, body))
    } catch (err) {
      setError(err)
    }
  }
  return (
    <Dialog title={titles[what]} close={close}>
      <form onSubmit={doIt}>
        {what === 'pause' && <p>What is under way is finished, and nothing more begins until the run is resumed.</p>}
        {what === 'resume' && <p>The run goes on where it stands. What is done stays done.</p>}
        {what === 'cancel' && (
          <label class="field">
            Why
            <input value={text} onInput={(e) => setText(e.currentTarget.value)} />
          </label>
        )}
        {what === 'guide' && (
          <label class="field">
            Instruction, which the asks that come carry
            <textarea rows={4} required value={text} onInput={(e) => setText(e.currentTarget.value)} />
          </label>
        )}
        {what === 'raise' && (
          <div class="fields">
            {(['usd', 'tokens', 'calls'] as const).map((k) => (
              <label key={k}>
                {{ usd: 'US dollars', tokens: 'Tokens', calls: 'Calls' }[k]} in all
                <input inputMode="decimal" value={amounts[k] ?? ''} placeholder={String(run.budget?.limit[k] ?? 'no limit')} onInput={(e) => setAmounts({ ...amounts, [k]: e.currentTarget.value })} />
              </label>
            ))}
          </div>
        )}
        {what === 'rerun' && <p>What has not changed since is taken over from this run and costs nothing.</p>}
        {what === 'fork' && (
          <label class="field">
            Step from which to do it anew: what is before it is taken over
            <input required value={at} onInput={(e) => setAt(e.currentTarget.value)} />
          </label>
        )}
        {what === 'remove' && <p>The run and all that is stored of it goes, for good.</p>}
        {(what === 'rerun' || what === 'fork') && (
          <p>
            <button type="button" class="small" onClick={lookAhead}>
              What would be done?
            </button>
          </p>
        )}
        {plan && <Plan steps={plan} />}
        <Trouble error={error} />
        <p>
          <button type="submit" class={what === 'cancel' || what === 'remove' ? 'danger' : 'primary'} disabled={busy}>
            {busy ? 'Asking …' : titles[what]}
          </button>
        </p>
      </form>
      <Command line={commandOf(what, run.id, text, at, budget)} />
    </Dialog>
  )
}

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
            <strong>{s.expect}</strong> <code>{s.key}</code> {s.took && <span class="quiet">took {cost(s.took)}</span>} {s.in_doubt && <span class="quiet">it may have been done already</span>}
          </li>
        ))}
      </ul>
    </div>
  )
}

function commandOf(what: Control, id: string, text: string, at: string, budget: Record<string, number>): string {
  switch (what) {
    case 'cancel':
      return `pawl cancel ${id}${text && ' -m ' + quote(text)}`
    case 'guide':
      return `pawl guide ${id} ${quote(text || 'TEXT')}`
    case 'raise':
      return `pawl raise ${id}${Object.entries(budget)
        .map(([k, v]) => ` --budget-${k} ${v}`)
        .join('')}`
    case 'fork':
      return `pawl fork ${id} --at ${quote(at || 'KEY')}`
    case 'remove':
      return `pawl rm ${id}`
  }
  return `pawl ${what} ${id}`
}
