// Many rows of one height, of which only those in sight exist.

import type { ComponentChildren } from 'preact'
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'

const spare = 8 // rows above and below those in sight, for what is scrolled to next

/** Rows renders only what is near the window's part. A row stays what it is, with the focus on
 * it, when others come before it: id says which it is. end is called when the last row comes near, seen when others are near the window's part. */
export function Rows({ n, height, id, row, end, seen: tell, label }: { n: number; height: number; id: (i: number) => string | number; row: (i: number) => ComponentChildren; end?: () => void; seen?: (from: number, to: number) => void; label: string }) {
  const ref = useRef<HTMLDivElement>(null)
  const [seen, setSeen] = useState({ from: 0, to: 40 })
  useEffect(() => {
    tell?.(seen.from, seen.to)
    if (seen.to >= n) end?.()
  }, [seen, n])
  useEffect(() => {
    let rest = 0
    const see = (spare: number) => {
      const top = ref.current?.getBoundingClientRect().top ?? 0
      const from = Math.max(0, Math.floor(-top / height) - spare)
      const to = Math.ceil((window.innerHeight - top) / height) + spare
      setSeen((s) => (s.from === from && s.to === to ? s : { from, to }))
    }
    // While it is scrolled no row is made that is not in sight: what is passed by would be made in vain.
    const look = () => {
      clearTimeout(rest)
      see(1)
      rest = window.setTimeout(() => see(spare), 80)
    }
    see(spare)
    window.addEventListener('scroll', look, { passive: true })
    window.addEventListener('resize', look)
    return () => {
      clearTimeout(rest)
      window.removeEventListener('scroll', look)
      window.removeEventListener('resize', look)
    }
  }, [n, height])
  const at = document.activeElement
  const held = ref.current?.contains(at) ? at!.closest<HTMLElement>('.row-at')?.dataset.id : undefined
  useLayoutEffect(() => {
    if (held === undefined || ref.current!.contains(document.activeElement)) return
    const same = Array.from(ref.current!.children).find((r) => (r as HTMLElement).dataset.id === held)
    same?.querySelector<HTMLElement>('a, button')?.focus({ preventScroll: true })
  })
  const from = Math.min(seen.from, Math.max(0, n - 1))
  const to = Math.min(n, seen.to)
  return (
    <div ref={ref} class="rows" role="list" aria-label={label} style={{ height: `${n * height}px` }}>
      {Array.from({ length: Math.max(0, to - from) }, (_, k) => (
        <div key={id(from + k)} data-id={id(from + k)} class="row-at" role="listitem" style={{ top: `${(from + k) * height}px`, height: `${height}px` }}>
          {row(from + k)}
        </div>
      ))}
    </div>
  )
}
