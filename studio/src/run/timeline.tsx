import type { RunRecord, StepSummary } from '../api'
import { between, span } from '../format'
import { Rows } from '../parts/rows'
import { Icon, tone } from '../parts/status'
import { setQuery } from '../router'
import { barOf, scaleOf } from './scale'

export function Timeline({ run, steps, chosen }: { run: RunRecord; steps: StepSummary[]; chosen: string }) {
  const begun = steps.filter((s) => s.started_at)
  if (begun.length === 0) return <p class="empty">No step has begun.</p>
  const now = ['running', 'queued', 'pausing', 'canceling'].includes(run.status) ? Date.now() : Date.parse(run.updated_at)
  const scale = scaleOf(begun, now)
  return (
    <div class="timeline">
      <p class="quiet">
        {span(scale.length)} from the first step to the last
        {scale.folds.length > 0 && `; folded: ${scale.folds.map((f) => span(f.ms)).join(', ')} in which nothing happened`}
      </p>
      <Rows
        n={begun.length}
        height={32}
        label="Steps by time"
        id={(i) => begun[i]!.key}
        row={(i) => {
          const s = begun[i]!
          const bar = barOf(s, scale, now)!
          return (
            <button
              type="button"
              class={`time-row ${s.key === chosen ? 'chosen' : ''}`}
              aria-pressed={s.key === chosen}
              aria-label={`${s.key}: ${s.status}, ${between(s.started_at, s.ended_at ?? null)}`}
              onClick={() => setQuery({ step: s.key, attempt: '' })}
            >
              <span class={`status ${tone(s.status)}`}>
                <Icon name={s.status} />
              </span>
              <code>{s.key}</code>
              <svg viewBox="0 0 1000 20" preserveAspectRatio="none" aria-hidden="true">
                {scale.folds.map((f, k) => (
                  <rect key={k} class="fold" x={f.at * 1000} width={20} height={20} />
                ))}
                <rect class={`bar ${tone(s.status)} ${s.boundary}`} x={bar.from * 1000} width={(bar.to - bar.from) * 1000} y={4} height={12} rx={2} />
              </svg>
              <span class="quiet">{between(s.started_at, s.ended_at ?? null)}</span>
            </button>
          )
        }}
      />
    </div>
  )
}
