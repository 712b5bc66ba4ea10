import type { Difference, Hunk } from '../api'
import { Value } from './value'

/** Hunks shows what words came and went. */
export function Hunks({ hunks }: { hunks: Hunk[] }) {
  return (
    <p class="text">
      {hunks.map((h, i) => (h.op === 'added' ? <ins key={i}>{h.text}</ins> : h.op === 'removed' ? <del key={i}>{h.text}</del> : <span key={i}>{h.text}</span>))}
    </p>
  )
}

/** Differences shows in which fields two values differ. */
export function Differences({ of }: { of: Difference }) {
  if (of.same) return <p class="quiet">No difference.</p>
  return (
    <div class="differences">
      {of.fields.map((f, i) => (
        <div key={i} class="difference">
          <p class="small-title">
            <code>{f.path || 'value'}</code> {f.op}
          </p>
          {f.hidden ? (
            <p class="quiet">Hidden: it is sensitive.</p>
          ) : f.words.length > 0 ? (
            <Hunks hunks={f.words} />
          ) : (
            <div class="columns">
              {f.old !== null && f.old !== undefined && (
                <del>
                  <Value of={f.old} />
                </del>
              )}
              {f.new !== null && f.new !== undefined && (
                <ins>
                  <Value of={f.new} />
                </ins>
              )}
            </div>
          )}
        </div>
      ))}
      {of.more > 0 && <p class="quiet">and {of.more} more</p>}
    </div>
  )
}
