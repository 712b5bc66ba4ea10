// What can be done with a run, on each of its views; each with the command line that does the
// same.

import { useState } from 'preact/hooks'
import { address, send, type RunRecord, type StepSummary } from '../api'
import { quote } from '../format'
import { denied } from '../me'
import { Command } from '../parts/command'
import { Denied } from '../parts/denied'
import { Dialog } from '../parts/dialog'
import { Trouble } from '../parts/problem'
import { go } from '../router'
import { Fork, Rerun } from './again'

type Steering = 'pause' | 'resume' | 'cancel' | 'guide' | 'raise' | 'remove'
type Control = Steering | 'rerun' | 'fork'

const titles: Record<Steering, string> = {
  pause: 'Pause the run',
  resume: 'Resume the run',
  cancel: 'Cancel the run',
  guide: 'Guide the run',
  raise: 'Set the budget',
  remove: 'Remove the run for good',
}

/** Controls are for a run; at is the step that is looked at. */
export function Controls({ run, steps, at, live }: { run: RunRecord; steps: StepSummary[]; at: string; live: { look: () => void } }) {
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
      {open === 'rerun' && <Rerun run={run} close={() => setOpen(null)} />}
      {open === 'fork' && <Fork run={run} steps={steps} from={at} close={() => setOpen(null)} />}
      {open && open !== 'rerun' && open !== 'fork' && <Steer what={open} run={run} close={() => setOpen(null)} look={live.look} />}
    </div>
  )
}

function Steer({ what, run, close, look }: { what: Steering; run: RunRecord; close: () => void; look: () => void }) {
  const [text, setText] = useState('')
  const [amounts, setAmounts] = useState<Record<string, string>>({})
  const [error, setError] = useState<unknown>(null)
  const [busy, setBusy] = useState(false)
  const [limited] = useState(run.blockers.find((b) => b.limit)) // as it is shown here: a raise says so
  const budget = Object.fromEntries(
    Object.entries(amounts)
      .filter(([, v]) => v !== '')
      .map(([k, v]) => [k, Number(v)]),
  )
  const body = { cancel: { reason: text }, guide: { text }, raise: { ...budget, ...(limited && { digest: limited.digest }), ...(text && { comment: text }) }, pause: undefined, resume: undefined, remove: undefined }[what]
  const doIt = async (e: Event) => {
    e.preventDefault()
    setBusy(true)
    setError(null)
    try {
      if (what === 'remove') {
        await send('DELETE', `/runs/${run.id}`)
        return go('/')
      }
      await send('POST', `/runs/${run.id}/${what === 'guide' ? 'guidance' : what}`, body)
      close()
      look()
    } catch (err) {
      setError(err)
      setBusy(false)
    }
  }
  return (
    <Dialog title={titles[what]} close={close}>
      <form onSubmit={doIt}>
        {what === 'pause' && <p>What is under way is finished, and nothing more begins until the run is resumed.</p>}
        {what === 'resume' && <p>The run goes on where it stands. What is done stays done.</p>}
        {what === 'cancel' && (
          <label class="field">
            <span>
              Why <span class="quiet">(may be left out)</span>
            </span>
            <input value={text} onInput={(e) => setText(e.currentTarget.value)} />
          </label>
        )}
        {what === 'guide' && (
          <label class="field">
            What its models are to be told from now on
            <textarea rows={4} required value={text} onInput={(e) => setText(e.currentTarget.value)} />
          </label>
        )}
        {what === 'raise' && limited && <p>{limited.question}. This run alone may take so much beyond limits on many runs:</p>}
        {what === 'raise' && (
          <div class="fields">
            {(['usd', 'tokens', 'calls'] as const).map((k) => (
              <label key={k}>
                {{ usd: 'US dollars', tokens: 'Tokens', calls: 'Calls' }[k]} in all
                <input inputMode="decimal" value={amounts[k] ?? ''} placeholder={String((limited ? limited.actions.find((a) => a.name === 'raise')?.budget?.[k] : run.budget?.limit[k]) ?? (limited ? 'nothing' : 'no limit'))} onInput={(e) => setAmounts({ ...amounts, [k]: e.currentTarget.value })} />
              </label>
            ))}
          </div>
        )}
        {what === 'remove' && <p>The run and all that is stored of it goes, for good.</p>}
        <Trouble error={error} />
        <p>
          <button type="submit" class={what === 'cancel' || what === 'remove' ? 'danger' : 'primary'} disabled={busy}>
            {busy ? 'Asking …' : titles[what]}
          </button>
        </p>
      </form>
      <Command line={commandOf(what, run.id, text, budget, limited?.digest)} />
    </Dialog>
  )
}

/** seen is a digest as the command takes it: its first digits. */
function seen(digest: string): string {
  return digest.replace('sha256:', '').slice(0, 12)
}

function commandOf(what: Steering, id: string, text: string, budget: Record<string, number>, digest?: string): string {
  switch (what) {
    case 'cancel':
      return `pawl cancel ${id}${text && ' -m ' + quote(text)}`
    case 'guide':
      return `pawl guide ${id} ${quote(text || 'TEXT')}`
    case 'raise':
      return `pawl raise ${id}${digest ? ' --seen ' + seen(digest) : ''}${Object.entries(budget)
        .map(([k, v]) => ` --budget-${k} ${v}`)
        .join('')}`
    case 'remove':
      return `pawl rm ${id}`
  }
  return `pawl ${what} ${id}`
}
