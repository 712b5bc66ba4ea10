// Where the bars of a timeline stand: stretches in which nothing happened are folded.

import type { StepSummary } from '../api'

export type Bar = { from: number; to: number } // parts of the width, 0 to 1
export type Fold = { at: number; ms: number } // a stretch that was left out
export type Scale = { place: (ms: number) => number; folds: Fold[]; length: number }

/** scaleOf makes a scale over steps up to now. A stretch of nothing that is longer than a
 * tenth of all the rest, and than 2 s, takes three hundredths of the width. */
export function scaleOf(steps: StepSummary[], now: number): Scale {
  const spans = steps
    .filter((s) => s.started_at && s.kind !== 'map' && s.kind !== 'parallel' && s.kind !== 'call' && s.boundary !== 'human')
    .map((s) => [Date.parse(s.started_at!), Math.max(Date.parse(s.started_at!), s.ended_at ? Date.parse(s.ended_at) : now)] as const)
    .sort((a, b) => a[0] - b[0])
  if (spans.length === 0) return { place: () => 0, folds: [], length: 0 }
  const busy: [number, number][] = []
  for (const [from, to] of spans) {
    const last = busy.at(-1)
    if (last && from <= last[1]) last[1] = Math.max(last[1], to)
    else busy.push([from, to])
  }
  const worked = busy.reduce((sum, [a, b]) => sum + b - a, 0)
  const most = Math.max(2000, worked / 10)
  const cut: [number, number][] = []
  for (let i = 1; i < busy.length; i++) if (busy[i]![0] - busy[i - 1]![1] > most) cut.push([busy[i - 1]![1], busy[i]![0]])
  const begin = busy[0]![0]
  const end = Math.max(busy.at(-1)![1], begin + 1)
  const kept = end - begin - cut.reduce((sum, [a, b]) => sum + b - a, 0)
  const fold = kept * 0.03 || 1
  const length = kept + cut.length * fold
  const place = (ms: number) => {
    let x = Math.min(Math.max(ms, begin), end) - begin
    for (const [a, b] of cut) {
      if (ms >= b) x -= b - a - fold
      else if (ms > a) x -= ((ms - a) / (b - a)) * (b - a - fold)
    }
    return Math.min(1, Math.max(0, x / length))
  }
  return { place, folds: cut.map(([a, b]) => ({ at: place(a), ms: b - a })), length: end - begin }
}

/** barOf is where a step's bar stands; the least is still to be seen. */
export function barOf(s: StepSummary, scale: Scale, now: number): Bar | null {
  if (!s.started_at) return null
  const from = scale.place(Date.parse(s.started_at))
  const to = scale.place(s.ended_at ? Date.parse(s.ended_at) : now)
  return { from: Math.min(from, 0.996), to: Math.max(to, from + 0.004) }
}
