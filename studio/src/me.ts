// Who looks at the page, and what they may do.

import { signal } from '@preact/signals'
import { get, problemOf, type Me } from './api'

/** me is who looks; null: it is not known yet. */
export const me = signal<Me | null>(null)

/** out is whether nobody is let in here. */
export const out = signal(false)

export async function findMe() {
  try {
    me.value = await get<Me>('/me')
    out.value = false
  } catch (e) {
    if (problemOf(e).status === 401) out.value = true // else the connection says so
  }
}

/** isStandIn reports whether no language model is behind a model's full name: what it answers is made up. */
export function isStandIn(model: string): boolean {
  return me.value?.stand_ins.includes(model.split(/[/?]/)[0]!) ?? false
}

/** deniedStart says why who looks may not start runs; empty: they may. */
export function deniedStart(): string {
  return me.value?.role === 'starter' ? '' : denied()
}

/** denied says why who looks may not act, on a step of a run if it is about that; empty: they may. */
export function denied(run?: string, step?: string): string {
  const m = me.value
  if (!m || m.role === 'operator') return ''
  if (m.role !== 'blocker') return `You look as ${m.name} with the role ${m.role}: to act needs the role operator.`
  if (m.run === run && m.step === step) return ''
  return `You look as ${m.name}, who decides on one question alone.`
}
