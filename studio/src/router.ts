// Where the page stands: its address is all that a link needs.

import { computed, signal } from '@preact/signals'

const here = signal(location.pathname + location.search)

export const path = computed(() => here.value.split('?')[0]!)
export const query = computed(() => new URLSearchParams(here.value.split('?')[1] ?? ''))

window.addEventListener('popstate', () => {
  here.value = location.pathname + location.search
})

/** decoded is a part of an address as it was meant; one that is broken stays as it is. */
export function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

/** go opens another place of the page; replace leaves none to go back to. */
export function go(to: string, replace = false) {
  if (to === here.value) return
  const before = path.value
  history[replace ? 'replaceState' : 'pushState'](null, '', to)
  here.value = to
  if (path.value.split('/').slice(0, 3).join('/') !== before.split('/').slice(0, 3).join('/')) {
    window.scrollTo(0, 0)
    queueMicrotask(() => requestAnimationFrame(() => document.getElementById('main')?.focus({ preventScroll: true })))
  }
}

/** setQuery changes parameters of the address; empty ones go. */
export function setQuery(change: Record<string, string>, replace = true) {
  const q = new URLSearchParams(query.value)
  for (const [name, value] of Object.entries(change)) {
    if (value) q.set(name, value)
    else q.delete(name)
  }
  const text = q.toString()
  go(path.value + (text ? '?' + text : ''), replace)
}

/** follow opens links to places of this page without loading it anew. */
export function follow(e: MouseEvent) {
  if (e.defaultPrevented || e.button !== 0 || e.metaKey || e.ctrlKey || e.shiftKey || e.altKey) return
  const link = (e.target as Element).closest?.('a')
  if (!link || link.target || link.hasAttribute('download') || link.origin !== location.origin || link.pathname.startsWith('/api/')) return
  if (link.hash && link.pathname === location.pathname) return
  e.preventDefault()
  go(link.pathname + link.search)
}
