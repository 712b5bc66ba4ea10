// All runs, the newest first, as they stand.

import { useEffect, useRef, useState } from 'preact/hooks'
import { getPart, mayPass, problemOf, send, type FlowRecord, type Listed } from '../api'
import { ago, briefOf, cost, time } from '../format'
import { listen, soon } from '../live'
import { deniedStart, me } from '../me'
import { useGot } from '../parts/got'
import { Loading, Trouble } from '../parts/problem'
import { Rows } from '../parts/rows'
import { Status } from '../parts/status'
import { Command } from '../parts/command'
import { query, setQuery } from '../router'

const statuses = ['queued', 'running', 'waiting', 'pausing', 'paused', 'canceling', 'canceled', 'failed', 'done']
const part = 100

export function Runs() {
  const q = query.value
  const filter = new URLSearchParams()
  for (const name of ['flow', 'status', 'since', 'search', 'base']) if (q.get(name)) filter.set(name, q.get(name)!)
  const at = filter.toString()
  const [runs, setRuns] = useState<Listed[] | null>(null)
  const [error, setError] = useState<unknown>(null)
  const shown = useRef<Listed[]>([])
  const next = useRef('') // where the part behind those that are shown begins
  const loading = useRef('')
  const sight = useRef({ from: 0, to: 0 }) // the rows that are near what is seen
  const refresh = useRef(() => {})
  const now = useRef(at)
  now.current = at
  const show = (all: Listed[], behind: string) => {
    shown.current = all
    next.current = behind
    setRuns(all)
  }

  useEffect(() => {
    let gone = false
    setError(null)
    const load = soon(async () => {
      if (gone) return
      try {
        const p = await getPart<Listed>(`/runs?limit=${part}&${at}`)
        if (gone) return
        setError(null)
        // what stands behind the first part stays, if it is known where that is
        const last = p.items.at(-1)?.id
        const i = p.next ? shown.current.findIndex((r) => r.id === last) : -1
        const rest = i < 0 ? [] : shown.current.slice(i + 1)
        show([...p.items, ...rest], rest.length > 0 ? next.current : p.next)
        await anew()
      } catch (e) {
        if (!gone) setError(e)
        return mayPass(e) // to be asked again
      }
    }, 1000)
    refresh.current = load
    load()
    const stop = listen({ change: load, many: load, reset: load })
    return () => {
      gone = true
      stop()
      shown.current = []
      next.current = ''
      setRuns(null)
    }
  }, [at])

  // anew reads again what is in sight behind the first part
  const anew = async () => {
    const from = Math.max(part, Math.min(sight.current.from, shown.current.length - part))
    const before = shown.current[from - 1]
    if (sight.current.to <= part || shown.current.length <= part || !before) return
    const p = await getPart<Listed>(`/runs?limit=${part}&cursor=${before.id}&${at}`).catch((e) => {
      if (problemOf(e).status !== 404) throw e
    })
    const all = shown.current
    const i = all.findIndex((r) => r.id === before.id) + 1
    if (now.current !== at || i === 0) return
    if (!p) return show(all.slice(0, part), all[part - 1]!.id) // that run was removed: the rest is found from the first part on
    const to = all.findIndex((r) => r.id === p.items.at(-1)?.id) + 1
    if (p.next && to > 0) show([...all.slice(0, i), ...p.items, ...all.slice(to)], next.current)
    else show([...all.slice(0, i), ...p.items], p.next)
  }

  const more = async () => {
    const asked = next.current
    const before = shown.current
    if (!asked || loading.current === asked + '&' + at) return
    loading.current = asked + '&' + at
    try {
      const p = await getPart<Listed>(`/runs?limit=${part}&cursor=${asked}&${at}`)
      if (now.current !== at || next.current !== asked) return // it belongs behind a list that is not shown any more
      const ids = new Set(shown.current.map((r) => r.id))
      show([...shown.current, ...p.items.filter((r) => !ids.has(r.id))], p.next)
    } catch (e) {
      if (now.current !== at) return
      // the run behind which it begins was removed: the rest is found from the first part on
      if (problemOf(e).status === 404 && before.length > part) show(before.slice(0, part), before[part - 1]!.id)
      else setError(e)
    } finally {
      loading.current = ''
    }
  }

  const look = (from: number, to: number) => {
    sight.current = { from, to }
    if (to > part) refresh.current() // it may have changed while it was out of sight
  }

  return (
    <section class="page">
      <h1>Runs</h1>
      <Filters />
      <Trouble error={error} />
      {!runs && !error && <Loading what="runs" />}
      {runs && runs.length === 0 && <Empty filtered={at !== ''} />}
      {runs && runs.length > 0 && <Rows n={runs.length} height={60} end={more} seen={look} label="Runs" id={(i) => runs[i]!.id} row={(i) => <Row run={runs[i]!} />} />}
    </section>
  )
}

function Row({ run }: { run: Listed }) {
  return (
    <a class="run-row" href={`/runs/${run.id}`}>
      <Status is={run.status} />
      <span class="what">
        <span class="which">
          <strong>{run.flow}</strong> <code>{run.id}</code> {run.reason && <span class="quiet brief">{briefOf(run.input)}</span>}
        </span>
        <span class="quiet brief">{run.reason || briefOf(run.input)}</span>
      </span>
      <span class="numbers">
        <span>{cost(run.usage)}</span>
        <time dateTime={run.created_at} title={time(run.created_at)}>
          {ago(run.created_at)}
        </time>
      </span>
    </a>
  )
}

function Filters() {
  const q = query.value
  const flows = useGot<FlowRecord[]>('/flows')[0] ?? []
  const [search, setSearch] = useState(q.get('search') ?? '')
  useEffect(() => {
    const t = setTimeout(() => setQuery({ search }), 250)
    return () => clearTimeout(t)
  }, [search])
  return (
    <form class="filters" role="search" onSubmit={(e) => e.preventDefault()}>
      <label>
        Search
        <input type="search" value={search} onInput={(e) => setSearch(e.currentTarget.value)} placeholder="id, input, reason" />
      </label>
      <label>
        Flow
        <select value={q.get('flow') ?? ''} onChange={(e) => setQuery({ flow: e.currentTarget.value })}>
          <option value="">all</option>
          {flows.map((f) => (
            <option key={f.name}>{f.name}</option>
          ))}
        </select>
      </label>
      <label>
        Status
        <select value={q.get('status') ?? ''} onChange={(e) => setQuery({ status: e.currentTarget.value })}>
          <option value="">all</option>
          {statuses.map((s) => (
            <option key={s}>{s}</option>
          ))}
        </select>
      </label>
      <label>
        Made
        <select value={q.get('since') ?? ''} onChange={(e) => setQuery({ since: e.currentTarget.value })}>
          <option value="">at any time</option>
          <option value="1h">in the last hour</option>
          <option value="1d">in the last day</option>
          <option value="7d">in the last week</option>
          <option value="30d">in the last 30 days</option>
        </select>
      </label>
    </form>
  )
}

function Empty({ filtered }: { filtered: boolean }) {
  if (filtered) {
    return (
      <div class="empty">
        <p>No run is like that.</p>
        <button type="button" onClick={() => setQuery({ flow: '', status: '', since: '', search: '', base: '' })}>
          Show all
        </button>
      </div>
    )
  }
  return (
    <div class="empty">
      <h2>There are no runs yet</h2>
      <p>A run executes a flow: code decides the order, models do the language, people hold the gates.</p>
      {!deniedStart() && (
        <p>
          <a class="button" href="/start">
            Start a run
          </a>
        </p>
      )}
      {me.value?.demo && <Demo />}
      <p class="quiet">The same from a terminal:</p>
      <Command line='pawl run blog --topic "Tides"' />
    </div>
  )
}

/** Demo has runs made that show what can be seen here. */
function Demo() {
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>(null)
  const make = async () => {
    setBusy(true)
    setError(null)
    try {
      await send('POST', '/demo')
    } catch (e) {
      setError(e)
    }
    setBusy(false)
  }
  return (
    <>
      <p>
        <button type="button" disabled={busy} onClick={make}>
          Make demonstration runs
        </button>
      </p>
      <p class="quiet">One is done, one failed, one waits for you. A stand-in answers in place of a model: they cost nothing.</p>
      <Trouble error={error} />
    </>
  )
}
