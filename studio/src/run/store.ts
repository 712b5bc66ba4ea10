// A run as it stands, kept up to date: the server tells that something happened, and is asked
// which steps that changed. Nothing is folded here: what the page shows is what the server says.

import { signal, type Signal } from '@preact/signals'
import { useEffect, useMemo } from 'preact/hooks'
import { get, type Progress, type RunRecord, type StepSummary } from '../api'
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
    watch(id)
    live.look()
    let shown = 0
    const written = new Map<string, string>()
    const show = () => {
      shown = 0
      live.pieces.value = new Map(written)
    }
    const stop = listen({
      change: (c) => c.run === id && live.look(),
      reset: live.look,
      piece: (p) => {
        if (p.run !== id) return
        if (p.end) written.delete(p.key)
        else written.set(p.key, (written.get(p.key) ?? '') + (p.text ?? ''))
        shown ||= requestAnimationFrame(show)
      },
    })
    return () => {
      stop()
      cancelAnimationFrame(shown)
      watch('')
    }
  }, [id])
  return live
}

function newLive(id: string): Live {
  const run = signal<RunRecord | null>(null)
  const steps = signal<StepSummary[]>([])
  const seq = signal(0)
  const error = signal<unknown>(null)
  const changed = signal(0)
  const places = new Map<string, number>()
  const look = soon(async () => {
    try {
      const p = await get<Progress>(`/runs/${id}/progress?since=${seq.value}`)
      if (p.seq < seq.value) {
        // removed, and begun anew with the same id
        places.clear()
        steps.value = []
        seq.value = 0
        return void setTimeout(look)
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
    } catch (e) {
      error.value = e
    }
  }, 250)
  return { run, steps, seq, error, pieces: signal(new Map()), changed, look }
}
