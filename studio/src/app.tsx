import { effect } from '@preact/signals'
import { useEffect, useErrorBoundary, useState } from 'preact/hooks'
import { connect, connection } from './live'
import { deniedStart, findMe, out } from './me'
import { Compare } from './pages/compare'
import { Costs } from './pages/costs'
import { Flow } from './pages/flow'
import { Flows } from './pages/flows'
import { Inbox } from './pages/inbox'
import { Runs } from './pages/runs'
import { Start } from './pages/start'
import { Dialog } from './parts/dialog'
import { Trouble } from './parts/problem'
import { recall, remember } from './recall'
import { decoded, follow, go, path } from './router'
import { Run } from './run/run'
import { keepWaiting, said, waiting } from './waiting'

const places: [string, string, string][] = [
  ['/', 'Runs', 'r'],
  ['/inbox', 'Inbox', 'i'],
  ['/flows', 'Flows', 'f'],
  ['/costs', 'Costs', 'c'],
]

export function App() {
  const [help, setHelp] = useState(false)
  useEffect(() => {
    connect()
    const stop = effect(() => {
      if (connection.value !== 'connecting') void findMe() // also of a stream that was refused
    })
    const forget = keepWaiting()
    return () => {
      stop()
      forget()
    }
  }, [])
  useEffect(() => {
    const key = (e: KeyboardEvent) => {
      const at = e.target as HTMLElement
      if (e.ctrlKey || e.metaKey || e.altKey || at.closest('input, textarea, select, dialog') || recall('keys') === 'off') return
      if (e.key === '?') setHelp(true)
      else if (e.key === 'n') deniedStart() || go('/start')
      else for (const [to, , letter] of places) if (e.key === letter) go(to)
    }
    window.addEventListener('keydown', key)
    return () => window.removeEventListener('keydown', key)
  }, [])
  const why = deniedStart()
  return (
    <div class="app" onClick={follow}>
      <a class="skip" href="#main" onClick={(e) => (e.preventDefault(), document.getElementById('main')?.focus())}>
        Skip to the content
      </a>
      <nav class="top" aria-label="Places">
        <a href="/" class="brand" aria-label="Pawl, to the runs">
          <img src="/icon.svg" alt="" width="22" height="22" /> Pawl
        </a>
        {places.map(([to, name]) => (
          <a key={to} href={to} aria-current={isAt(to) ? 'page' : undefined}>
            {name}
            {to === '/inbox' && waiting.value && waiting.value.length > 0 && (
              <span class="badge" aria-label={`${waiting.value.length} open`}>
                {waiting.value.length}
              </span>
            )}
          </a>
        ))}
        <a href={why ? undefined : '/start'} role={why ? 'link' : undefined} aria-disabled={why ? 'true' : undefined} title={why || undefined} class="start" aria-current={isAt('/start') ? 'page' : undefined}>
          New run
        </a>
        <span class="rest" />
        <Connection />
        <Theme />
        <button type="button" class="small" onClick={() => setHelp(true)} aria-label="Keys and help">
          ?
        </button>
      </nav>
      <main id="main" tabIndex={-1}>
        {out.value && <Out />}
        <Sheltered />
      </main>
      <div class="hidden" role="status" aria-live="polite">
        {said}
      </div>
      {help && <Help close={() => setHelp(false)} />}
    </div>
  )
}

function isAt(to: string): boolean {
  return to === '/' ? path.value === '/' || path.value.startsWith('/runs') : path.value.startsWith(to)
}

/** Out says how to get in. */
function Out() {
  return (
    <div class="trouble" role="alert">
      <p>
        <strong>This browser is not let in, or not any more.</strong>
      </p>
      <p>
        Open the address that <code>pawl serve</code> prints when it starts: it has a token. What is shown here may be old.
      </p>
    </div>
  )
}

/** Sheltered is the page; that a part of it breaks is said, and the way to the others stays. */
function Sheltered() {
  const [error, reset] = useErrorBoundary()
  useEffect(reset, [path.value])
  if (!error) return <Page />
  return (
    <section class="page">
      <h1>This page cannot be shown</h1>
      <Trouble error={error} />
      <p>
        <a href="/">To the runs</a>
      </p>
    </section>
  )
}

function Page() {
  const [, place, id, tab] = path.value.split('/')
  switch (place) {
    case '':
      return <Runs />
    case 'runs':
      return id ? <Run key={id} id={id} tab={tab ?? ''} /> : <Runs />
    case 'start':
      return <Start flow={id ? decoded(id) : ''} />
    case 'inbox':
      return <Inbox />
    case 'flows':
      return id ? <Flow key={id} name={decoded(id)} tab={tab ?? ''} /> : <Flows />
    case 'costs':
      return <Costs />
    case 'compare':
      return <Compare />
  }
  return (
    <section class="page">
      <h1>There is no such page</h1>
      <p>
        <a href="/">To the runs</a>
      </p>
    </section>
  )
}

function Connection() {
  const words = { open: 'live', connecting: 'connecting …', lost: 'not connected: what is shown may be old' }
  return <span class={`connection ${connection.value}`}>{words[connection.value]}</span>
}

function Theme() {
  const [theme, setTheme] = useState(recall('theme') ?? 'system')
  useEffect(() => {
    document.documentElement.dataset.theme = theme
    remember('theme', theme)
  }, [theme])
  const next = { system: 'dark', dark: 'light', light: 'system' }[theme] ?? 'system'
  return (
    <button type="button" class="small" onClick={() => setTheme(next)} aria-label={`Theme: ${theme}. Change to ${next}`}>
      {{ system: '◐', dark: '●', light: '○' }[theme] ?? '◐'}
    </button>
  )
}

function Help({ close }: { close: () => void }) {
  const [off, setOff] = useState(recall('keys') === 'off')
  return (
    <Dialog title="Keys" close={close}>
      <dl class="keys">
        <dt>r, i, f, c, n</dt>
        <dd>runs, inbox, flows, costs, new run</dd>
        <dt>↑ ↓ or k j</dt>
        <dd>in a run: the step before or after</dd>
        <dt>1 … 7</dt>
        <dd>in a run: its tabs</dd>
        <dt>?</dt>
        <dd>this help</dd>
      </dl>
      <label class="check">
        <input
          type="checkbox"
          checked={!off}
          onChange={(e) => {
            remember('keys', e.currentTarget.checked ? 'on' : 'off')
            setOff(!e.currentTarget.checked)
          }}
        />{' '}
        Keys of one letter
      </label>
    </Dialog>
  )
}
