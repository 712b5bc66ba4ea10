// One stream for the whole page: which runs change, and the pieces of one run's answers.

import { signal } from '@preact/signals'
import type { Event } from './api'
import { read } from './json'

/** Change is a run with the number of its last event, and the types of its new ones. */
export type Change = Pick<Event, 'run' | 'seq'> & { types: Event['type'][] }
export type Piece = { run: string; key: string; attempt: number; text?: string; end?: boolean }

/** connection says whether what is shown is what is. */
export const connection = signal<'open' | 'connecting' | 'lost'>('connecting')

type Listener = { change?: (c: Change) => void; piece?: (p: Piece) => void; reset?: () => void }

const listeners = new Set<Listener>()
let source: EventSource | undefined
let watched = ''
let last = ''
let wasOpen = false

/** listen hears what happens until the function that it returns is called. */
export function listen(l: Listener): () => void {
  listeners.add(l)
  return () => listeners.delete(l)
}

/** watch asks for the pieces of a run's answers, in the place of another's. */
export function watch(run: string) {
  if (run === watched && source) return
  watched = run
  open()
}

function open() {
  source?.close()
  const q = new URLSearchParams({ brief: 'true' })
  if (watched) q.set('pieces', watched)
  if (last) q.set('after', last)
  const s = (source = new EventSource('/api/v1/stream?' + q))
  s.onopen = () => {
    connection.value = 'open'
    if (wasOpen && !last) listeners.forEach((l) => l.reset?.()) // nothing was seen to go on from
    wasOpen = true
  }
  s.onerror = () => {
    connection.value = wasOpen ? 'lost' : 'connecting'
    if (s.readyState === EventSource.CLOSED) setTimeout(() => s === source && open(), 3000)
  }
  s.addEventListener('changed', (m) => {
    last = m.lastEventId || last
    for (const c of read(m.data) as Change[]) listeners.forEach((l) => l.change?.(c))
  })
  s.addEventListener('piece', (m) => {
    const p = read(m.data) as Piece
    listeners.forEach((l) => l.piece?.(p))
  })
  s.addEventListener('reset', (m) => {
    last = m.lastEventId || last
    listeners.forEach((l) => l.reset?.())
  })
}

/** soon runs a function at most once in a while: at once, and again for what came meanwhile. */
export function soon(f: () => Promise<void> | void, ms: number): () => void {
  let busy = false
  let again = false
  const run = async () => {
    busy = true
    again = false
    const begun = performance.now()
    await f()
    setTimeout(() => (again ? void run() : (busy = false)), Math.max(0, ms - (performance.now() - begun)))
  }
  return () => {
    if (busy) again = true
    else void run()
  }
}
