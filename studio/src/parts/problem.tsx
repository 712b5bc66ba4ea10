import { problemOf } from '../api'

/** Trouble says what went wrong, and what can be done about it. */
export function Trouble({ error, again }: { error: unknown; again?: () => void }) {
  if (!error) return null
  const p = problemOf(error)
  return (
    <div class="trouble" role="alert">
      <p>
        <strong>{p.message}</strong>
      </p>
      {p.faults.some((f) => !p.message.endsWith(f.message)) && (
        <ul>
          {p.faults.map((f) => (
            <li key={f.path}>
              <code>{f.path.replace(/^body\./, '')}</code> {f.message}
            </li>
          ))}
        </ul>
      )}
      {p.decided && (
        <p>
          {p.decided.who || 'Somebody'} decided: {p.decided.what}, {new Date(p.decided.at).toLocaleString('en-GB')}.
        </p>
      )}
      {p.hint && <p>{p.hint}</p>}
      {again && (
        <button type="button" onClick={again}>
          Try again
        </button>
      )}
    </div>
  )
}

export function Loading({ what }: { what: string }) {
  return (
    <p class="loading" aria-busy="true">
      Loading {what} …
    </p>
  )
}
