import { useState } from 'preact/hooks'
import { Value } from './value'

/** Folded is a value of which the beginning stands above what is below it, until all is asked for. */
export function Folded({ of, whole }: { of: unknown; whole?: boolean }) {
  const [all, setAll] = useState(false)
  return (
    <div class={whole || all ? 'proposal' : 'proposal brief'}>
      <div class="cut">
        <Value of={of} />
      </div>
      {!whole && (
        <button type="button" class="small more" aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? 'Show less' : 'Show all'}
        </button>
      )}
    </div>
  )
}
