// A run as it stands, kept up to date: the server tells that something happened, and is asked
// which steps that changed. Nothing is folded here: what the page shows is what the server says.

import { batch, effect, signal, type Signal } from '@preact/signals'
import { useEffect, useMemo } from 'preact/hooks'
import { get, mayPass, Problem, type Progress, type RunRecord, type StepSummary } from '../api'
import { listen, soon, watch } from '../live'

export type Live = {
  run: Signal<RunRecord | null>
  steps: Signal<StepSummary[]>
  seq: Signal<number>
  error: Signal<unknown>
  pieces: Signal<Map<string, string>> // of answers that are being written, by step
  changed: Signal<number> // counts up with each look, for what is read beside
  look: () => void
}

/** useRun keeps a run up to date while a component is shown. */
export function useRun(id: string): Live {
  const live = useMemo(() => newLive(id), [id])
  useEffect(() => {
    live.look()
    let shown = 0
    const written = new Map<string, { attempt: number; text: string }>()
    const show = () => {
      shown = 0
      live.pieces.value = new Map(Array.from(written, ([key, w]) => [key, w.text]))
    }
    const stop = listen({
      change: (c) => c.run === id && live.look(),
      many: live.look,
      reset: live.look,
      open: () => {
        written.clear() // each answer under way comes again from its beginning
        shown ||= requestAnimationFrame(show)
      },
      piece: (p) => {
        if (p.run !== id) return
        const has = written.get(p.key)
        if (has && p.attempt < has.attempt) return
        const before = has?.attempt === p.attempt ? has.text : ''
        if (p.end) written.delete(p.key)
        else written.set(p.key, { attempt: p.attempt, text: before + (p.text ?? '') })
        shown ||= requestAnimationFrame(show)
      },
    })
    const watching = effect(() => watch(isGone(live.error.value) ? '' : id)) // no stream is opened with a run that is not there
    return () => {
      stop()
      watching()
      cancelAnimationFrame(shown)
      watch('')
    }
  }, [id])
  return live
}

/** isGone reports whether an error says that there is no such run. */
export function isGone(error: unknown): boolean {
  return error instanceof Problem && error.status === 404
}

function newLive(id: string): Live {
  const run = signal<RunRecord | null>(null)
  const steps = signal<StepSummary[]>([])
  const seq = signal(0)
  const error = signal<unknown>(null)
  const changed = signal(0)
  const places = new Map<string, number>()
  const ask = (since: number) => get<Progress>(`/runs/${id}/progress?since=${since}`)
  const look = soon(async () => {
    try {
      let since = seq.value
      let p = await ask(since)
      if (since > 0 && (p.seq < since || p.run.created_at !== run.value?.created_at)) {
        since = 0 // it was removed, and another begun with its id
        p = await ask(since)
      }
      batch(() => {
        if (since === 0) {
          places.clear()
          steps.value = []
        }
        if (p.steps.length > 0) {
          const next = steps.value.slice()
          for (const s of p.steps) {
            const at = places.get(s.key)
            if (at === undefined) {
              places.set(s.key, next.length)
              next.push(s)
            } else next[at] = s
          }
          steps.value = next
        }
        run.value = p.run
        error.value = null
        changed.value++
        seq.value = p.seq
      })
    } catch (e) {
      error.value = e
      return mayPass(e)
    }
  }, 250)
  return { run, steps, seq, error, pieces: signal(new Map()), changed, look }
}
