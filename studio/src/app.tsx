import { signal } from '@preact/signals'
import { useEffect, useState } from 'preact/hooks'
import { get, type InboxItem } from './api'
import { connection, listen, soon, watch } from './live'
import { findMe } from './me'
import { Compare } from './pages/compare'
import { Costs } from './pages/costs'
import { Flow } from './pages/flow'
import { Flows } from './pages/flows'
import { Inbox } from './pages/inbox'
import { Runs } from './pages/runs'
import { Start } from './pages/start'
import { Dialog } from './parts/dialog'
import { follow, go, path } from './router'
import { Run } from './run/run'

/** waiting is what waits for a person, in all runs. */
export const waiting = signal<InboxItem[] | null>(null)

/** said is announced to those who do not see the page. */
export const said = signal('')

const places: [string, string, string][] = [
  ['/', 'Runs', 'r'],
  ['/inbox', 'Inbox', 'i'],
  ['/flows', 'Flows', 'f'],
  ['/costs', 'Costs', 'c'],
]

export function App() {
  const [help, setHelp] = useState(false)
  useEffect(() => {
    watch('')
    void findMe()
    const load = soon(async () => {
      try {
        const before = waiting.value?.length ?? 0
        waiting.value = await get<InboxItem[]>('/inbox')
        if (waiting.value.length > before) said.value = `${waiting.value.length} wait for a decision`
      } catch {
        // the connection says so
      }
    }, 1000)
    load()
    return listen({ change: (c) => c.types.some((t) => rests.has(t)) && load(), reset: load })
  }, [])
  useEffect(() => {
    const key = (e: KeyboardEvent) => {
      const at = e.target as HTMLElement
      if (e.ctrlKey || e.metaKey || e.altKey || at.closest('input, textarea, select, dialog') || localStorage.getItem('keys') === 'off') return
      if (e.key === '?') setHelp(true)
      else if (e.key === 'n') go('/start')
      else for (const [to, , letter] of places) if (e.key === letter) go(to)
    }
    window.addEventListener('keydown', key)
    return () => window.removeEventListener('keydown', key)
  }, [])
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
        <a href="/start" class="start" aria-current={isAt('/start') ? 'page' : undefined}>
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
        <Page />
      </main>
      <div class="hidden" role="status" aria-live="polite">
        {said}
      </div>
      {help && <Help close={() => setHelp(false)} />}
    </div>
  )
}

/** rests are the events after which something else may wait for a person. */
const rests = new Set(['blocker', 'decision', 'directive', 'failed', 'done', 'canceled', 'timer'])

function isAt(to: string): boolean {
  return to === '/' ? path.value === '/' || path.value.startsWith('/runs') : path.value.startsWith(to)
}

function Page() {
  const [, place, id, tab] = path.value.split('/')
  switch (place) {
    case '':
      return <Runs />
    case 'runs':
      return id ? <Run key={id} id={id} tab={tab ?? ''} /> : <Runs />
    case 'start':
      return <Start flow={id ? decodeURIComponent(id) : ''} />
    case 'inbox':
      return <Inbox />
    case 'flows':
      return id ? <Flow key={id} name={decodeURIComponent(id)} tab={tab ?? ''} /> : <Flows />
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
  const [theme, setTheme] = useState(localStorage.getItem('theme') ?? 'system')
  useEffect(() => {
    document.documentElement.dataset.theme = theme
    localStorage.setItem('theme', theme)
  }, [theme])
  const next = { system: 'dark', dark: 'light', light: 'system' }[theme] ?? 'system'
  return (
    <button type="button" class="small" onClick={() => setTheme(next)} aria-label={`Theme: ${theme}. Change to ${next}`}>
      {{ system: '◐', dark: '●', light: '○' }[theme] ?? '◐'}
    </button>
  )
}

function Help({ close }: { close: () => void }) {
  const [off, setOff] = useState(localStorage.getItem('keys') === 'off')
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
            localStorage.setItem('keys', e.currentTarget.checked ? 'on' : 'off')
            setOff(!e.currentTarget.checked)
          }}
        />{' '}
        Keys of one letter
      </label>
    </Dialog>
  )
}
