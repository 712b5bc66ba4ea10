// All steps, in the order in which they began, as they stand in one another.

import type { StepSummary } from '../api'
import { between, cost, tokens } from '../format'
import { Rows } from '../parts/rows'
import { Boundary, Status } from '../parts/status'
import { setQuery } from '../router'

export function Steps({ steps, chosen }: { steps: StepSummary[]; chosen: string }) {
  if (steps.length === 0) return <p class="empty">No step has begun.</p>
  return <Rows n={steps.length} height={56} label="Steps" id={(i) => steps[i]!.key} row={(i) => <StepRow s={steps[i]!} chosen={chosen === steps[i]!.key} />} />
}

function StepRow({ s, chosen }: { s: StepSummary; chosen: boolean }) {
  const depth = s.key.split('/').length - 1
  return (
    <button type="button" class={`step-row ${chosen ? 'chosen' : ''}`} aria-pressed={chosen} onClick={() => setQuery({ step: s.key, attempt: '' })}>
      <Status is={s.status} />
      <span class="what" style={{ paddingInlineStart: `${Math.min(depth, 6) * 14}px` }}>
        <code>{s.key}</code> <Boundary is={s.boundary} />
        <span class="quiet brief">{s.purpose}</span>
      </span>
      <span class="numbers">
        <span>{s.usage ? `${cost(s.usage)} · ${tokens(s.usage)}` : s.saved ? `saved ${cost(s.saved)}` : ''}</span>
        <span class="quiet">
          {s.attempts > 1 && `${s.attempts} attempts · `}
          {s.started_at && between(s.started_at, s.ended_at ?? null)}
        </span>
      </span>
    </button>
  )
}
