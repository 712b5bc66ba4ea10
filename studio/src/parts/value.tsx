// A value of a run, as a person reads it: fields with their names, texts as they are. Nothing
// in it is taken for markup.

import { write } from '../json'
import { useState } from 'preact/hooks'

const longText = 4000 // characters that are shown at once
const longList = 50

export function Value({ of, depth = 0 }: { of: unknown; depth?: number }) {
  if (of === null || of === undefined) return <span class="quiet">null</span>
  if (typeof of === 'string') return <Text of={of} />
  if (typeof of !== 'object') return <code>{String(of)}</code>
  if (Array.isArray(of)) return <List of={of} depth={depth} />
  const fields = Object.entries(of)
  if (fields.length === 0) return <code>{'{}'}</code>
  return (
    <dl class="value">
      {fields.map(([name, v]) => (
        <div key={name} class={isShort(v) ? 'short' : ''}>
          <dt>{name}</dt>
          <dd>
            <Value of={v} depth={depth + 1} />
          </dd>
        </div>
      ))}
    </dl>
  )
}

function isShort(v: unknown): boolean {
  return v === null || (typeof v === 'string' ? v.length < 60 && !v.includes('\n') : typeof v !== 'object')
}

/** Text shows a text as it is, and of a very long one the beginning. */
export function Text({ of }: { of: string }) {
  const [all, setAll] = useState(longText)
  if (of === '') return <span class="quiet">(empty)</span>
  return (
    <div class="text">
      {of.slice(0, all)}
      {of.length > all && (
        <>
          {'… '}
          <button type="button" class="small" onClick={() => setAll(all * 10)}>
            Show more of {of.length.toLocaleString('en-US')} characters
          </button>
        </>
      )}
    </div>
  )
}

function List({ of, depth }: { of: unknown[]; depth: number }) {
  const [all, setAll] = useState(longList)
  if (of.length === 0) return <code>[]</code>
  return (
    <ol class="value" start={0}>
      {of.slice(0, all).map((v, i) => (
        <li key={i}>
          <Value of={v} depth={depth + 1} />
        </li>
      ))}
      {of.length > all && (
        <li>
          <button type="button" class="small" onClick={() => setAll(all * 10)}>
            Show more of {of.length}
          </button>
        </li>
      )}
    </ol>
  )
}

/** Json shows a value as it is in the journal. */
export function Json({ of }: { of: unknown }) {
  return (
    <pre tabIndex={0}>
      <code>{write(of, 2)}</code>
    </pre>
  )
}
