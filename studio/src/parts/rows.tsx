// Many rows of one height, of which only those in sight exist.

import type { ComponentChildren } from 'preact'
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'

/** Rows renders only what is near the window's part. A row stays what it is, with the focus on
 * it, when others come before it: id says which it is. end is called when the last row comes near, seen when others are near the window's part. */
export function Rows({ n, height, id, row, end, seen: tell, label }: { n: number; height: number; id: (i: number) => string | number; row: (i: number) => ComponentChildren; end?: () => void; seen?: (from: number, to: number) => void; label: string }) {
  const ref = useRef<HTMLDivElement>(null)
  const [seen, setSeen] = useState({ from: 0, to: 60 })
  useEffect(() => tell?.(seen.from, seen.to), [seen])
  useEffect(() => {
    const look = () => {
      const top = ref.current?.getBoundingClientRect().top ?? 0
      const from = Math.max(0, Math.floor(-top / height) - 15)
      const to = Math.ceil((window.innerHeight - top) / height) + 15
      setSeen((s) => (s.from === from && s.to === to ? s : { from, to }))
      if (to >= n) end?.()
    }
    look()
    window.addEventListener('scroll', look, { passive: true })
    window.addEventListener('resize', look)
    return () => {
      window.removeEventListener('scroll', look)
      window.removeEventListener('resize', look)
    }
  }, [n, height, end])
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
