// How values are written for people. The same as the command writes them.

import type { UsageRecord } from './api'

// made once: each costs as much as a hundred uses of it
const numbers = new Intl.NumberFormat('en-US')
const clocks = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' })
const times = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' })

export function count(n: number, one: string, many = one + 's'): string {
  return `${number(n)} ${n === 1 ? one : many}`
}

export function number(n: number): string {
  return numbers.format(n)
}

/** usd writes an amount of money so that small ones do not become nothing. */
export function usd(n: number): string {
  if (n === 0) return '$0'
  if (n < 0.01) return '$' + n.toPrecision(2).replace(/\.?0+$/, '')
  return '$' + n.toFixed(n < 1 ? 3 : 2)
}

/** cost is what something cost, as far as that is known. */
export function cost(u: UsageRecord | null | undefined): string {
  if (!u || u.model_calls === 0) return '–'
  return u.cost_usd == null ? 'cost unknown' : usd(u.cost_usd)
}

export function tokens(u: UsageRecord | null | undefined): string {
  if (!u || u.model_calls === 0) return '–'
  if (u.input_tokens == null || u.output_tokens == null) return 'tokens unknown'
  return `${number(u.input_tokens)} → ${number(u.output_tokens)}`
}

/** cache says what providers' caches had of the input, and what that saved; empty: nothing, as far as is known. */
export function cache(u: UsageRecord | null | undefined): string {
  const read = u?.cached_tokens ?? 0
  const written = u?.cache_write_tokens ?? 0
  if (!read && !written) return ''
  const saved = u?.cache_saved_usd ?? 0
  let text = `${number(read)} tokens read`
  if (written) text += `, ${number(written)} written`
  if (saved > 0) text += `, saved ${usd(saved)}`
  if (saved < 0) text += `, cost ${usd(-saved)} more than it saved`
  return text
}

/** span writes how long something took, never less than nothing. */
export function span(ms: number): string {
  ms = Math.max(0, ms)
  if (ms < 1000) return `${Math.round(ms)} ms`
  const s = ms / 1000
  if (s < 60) return `${s.toFixed(s < 10 ? 1 : 0)} s`
  const m = Math.floor(s / 60)
  if (m < 60) return `${m} min ${Math.round(s % 60)} s`
  const h = Math.floor(m / 60)
  if (h < 48) return `${h} h ${m % 60} min`
  return `${Math.floor(h / 24)} days ${h % 24} h`
}

export function between(from: string | null | undefined, to: string | null | undefined): string {
  if (!from) return '–'
  return span((to ? Date.parse(to) : Date.now()) - Date.parse(from))
}

export function ago(at: string, now = Date.now()): string {
  const s = (now - Date.parse(at)) / 1000
  if (s < 45) return 'just now'
  if (s < 3600) return `${Math.max(1, Math.round(s / 60))} min ago`
  if (s < 86400) return `${Math.round(s / 3600)} h ago`
  return `${Math.round(s / 86400)} days ago`
}

export function time(at: string): string {
  return times.format(new Date(at))
}

/** clock is the time of day of time. */
export function clock(at: string): string {
  return clocks.format(new Date(at))
}

/** quote writes a word for a POSIX shell. */
export function quote(word: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : "'" + word.replaceAll("'", `'\\''`) + "'"
}
