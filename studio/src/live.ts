// One stream for the whole page: which runs change, and the pieces of one run's answers.

import { signal } from '@preact/signals'
import type { Event } from './api'
import { read } from './json'

/** Change is a run with the number of its last event, and the types of its new ones. */
export type Change = Pick<Event, 'run' | 'seq'> & { types: Event['type'][] }
export type Piece = { run: string; key: string; attempt: number; text?: string; end?: boolean }

/** connection says whether what is shown is what is. */
export const connection = signal<'open' | 'connecting' | 'lost'>('connecting')

/** Changes hears of the runs that changed; many: too many did to be listed, and each run may be one of them. */
type Changes = { change: (c: Change) => void; many: () => void }

/** Listener hears of changes and pieces; reset: others may have been missed; open: pieces come anew, from their beginning. */
type Listener = (Changes | { [name in keyof Changes]?: never }) & { piece?: (p: Piece) => void; reset?: () => void; open?: () => void }

const listeners = new Set<Listener>()
let source: EventSource | undefined
let watched = ''
let last = ''
let missed = true // since what is shown was read, something may have happened that nobody told

/** listen hears what happens until the function that it returns is called. */
export function listen(l: Listener): () => void {
  listeners.add(l)
  return () => listeners.delete(l)
}

/** watch asks for the pieces of a run's answers, in the place of another's; empty: for none. */
export function watch(run: string) {
  if (run === watched) return
  watched = run
  if (source) open()
}

/** connect opens the stream while the page is seen: a browser has few connections to a server, for all its pages. */
export function connect() {
  const look = () => {
    if (!document.hidden && !source) open()
    else if (document.hidden && source) {
      source.close()
      source = undefined
      connection.value = 'connecting'
    }
  }
  document.addEventListener('visibilitychange', look)
  look()
}

function open() {
  source?.close()
  const q = new URLSearchParams({ brief: 'true' })
  if (watched) q.set('pieces', watched)
  if (last) q.set('after', last)
  const s = (source = new EventSource('/api/v1/stream?' + q))
  s.onopen = () => {
    connection.value = 'open'
    listeners.forEach((l) => l.open?.())
    if (missed || !last) listeners.forEach((l) => l.reset?.()) // without a last one there is nothing to go on from
    missed = false
  }
  s.onerror = () => {
    connection.value = 'lost'
    missed = true
    if (s.readyState !== EventSource.CLOSED) return // it tries again by itself
    listeners.forEach((l) => l.reset?.()) // it was refused: the run whose pieces it asked for may be gone
    setTimeout(() => s === source && open(), 3000)
  }
  s.addEventListener('changed', (m) => {
    last = m.lastEventId || last
    for (const c of read(m.data) as Change[]) listeners.forEach((l) => l.change?.(c))
  })
  s.addEventListener('many', (m) => {
    last = m.lastEventId || last
    listeners.forEach((l) => l.many?.())
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

/** soon runs a function at most once in a while: at once, and again for what came meanwhile. What
 * takes long is run less often, and what answers true is run again by itself. */
export function soon(f: () => Promise<boolean | void>, ms: number): () => void {
  let busy = false
  let again = false
  const run = async () => {
    busy = true
    again = false
    const begun = performance.now()
    const failed = await f()
    if (failed) again = true
    const took = performance.now() - begun
    setTimeout(() => (again ? void run() : (busy = false)), Math.max(failed ? 3000 : 0, ms - took, 3 * took))
  }
  return () => {
    if (busy) again = true
    else void run()
  }
}
