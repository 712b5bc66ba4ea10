// What waits for a person, in all runs: the inbox, and the number at its name.

import { signal } from '@preact/signals'
import { get, mayPass, type InboxItem } from './api'
import { listen, soon } from './live'

export const waiting = signal<InboxItem[] | null>(null)

/** trouble is why what waits is not known; null: it is. */
export const trouble = signal<unknown>(null)

/** said is announced to those who do not see the page. */
export const said = signal('')

/** rests are the events after which something else may wait for a person. */
const rests = new Set(['blocker', 'decision', 'directive', 'failed', 'done', 'canceled', 'timer'])

export const look = soon(async () => {
  try {
    const before = waiting.value?.length ?? 0
    waiting.value = await get<InboxItem[]>('/inbox')
    trouble.value = null
    if (waiting.value.length > before) said.value = `${waiting.value.length} wait for a decision`
  } catch (e) {
    trouble.value = e
    return mayPass(e)
  }
}, 1000)

/** keepWaiting keeps it up to date until the function that it returns is called. */
export function keepWaiting(): () => void {
  look()
  return listen({ change: (c) => c.types.some((t) => rests.has(t)) && look(), many: look, reset: look })
}
