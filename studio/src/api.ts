// What the server is asked, and the records that it answers with.

import type { components } from './api/schema'
import { read, write } from './json'

type Schemas = components['schemas']
export type Action = Schemas['Action']
export type Attempt = Schemas['Attempt']
export type Blocker = Schemas['Blocker']
export type OpenBlocker = Schemas['OpenBlocker']
export type BudgetRequest = Schemas['BudgetRequest']
export type CostReport = Schemas['CostReport']
export type CostSum = Schemas['CostSum']
export type Comparison = Schemas['Comparison']
export type Difference = Schemas['Difference']
export type DecisionRequest = Schemas['DecisionRequest']
export type Event = Schemas['Event']
export type FlowDescription = Schemas['FlowDescription']
export type FlowRecord = Schemas['FlowRecord']
export type Hunk = Schemas['Hunk']
export type InboxItem = Schemas['InboxItem']
export type Limit = Schemas['Limit']
export type Listed = Schemas['Listed']
export type Me = Schemas['Me']
export type Node = Schemas['Node']
export type PlannedStep = Schemas['PlannedStep']
export type Progress = Schemas['Progress']
export type Proof = Schemas['Proof']
export type Revisions = Schemas['Revisions']
export type RunRecord = Schemas['RunRecord']
export type Shape = Schemas['Shape']
export type SourceFile = Schemas['SourceFile']
export type StepDetail = Schemas['StepDetail']
export type StepSummary = Schemas['StepSummary']
export type UsageRecord = Schemas['UsageRecord']
export type Fault = { path: string; message: string }

const prefix = '/api/v1'

/** Problem is what the server answers where it does not do what it was asked for. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly kind: string,
    message: string,
    readonly hint: string,
    readonly faults: Fault[],
    readonly decided: Schemas['Problem']['decided'] | null,
  ) {
    super(message)
  }
}

/** problemOf makes a Problem of whatever was thrown. */
export function problemOf(e: unknown): Problem {
  if (e instanceof Problem) return e
  return new Problem(0, '', e instanceof Error ? e.message : String(e), '', [], null)
}

/** mayPass reports whether the same question may be answered if it is asked again: the server was not there, or at its limit. */
export function mayPass(e: unknown): boolean {
  return e instanceof Problem && (e.kind === 'unreachable' || e.status === 429 || e.status >= 500)
}

/** reached is what a server said; that it did not is a Problem. */
async function reached<T>(method: string, answer: Promise<T>): Promise<T> {
  try {
    return await answer
  } catch (e) {
    const hint = method === 'GET' ? 'It is asked again by itself.' : 'Whether it was done is not known: look before you try again.'
    throw new Problem(0, 'unreachable', `The server does not answer (${e instanceof Error ? e.message : e}).`, hint, [], null)
  }
}

async function ask(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Response> {
  const init: RequestInit = { method, headers: { Accept: 'application/json', ...headers }, credentials: 'same-origin' }
  if (body !== undefined) {
    init.body = body instanceof Blob ? body : write(body)
    init.headers = { ...init.headers, 'Content-Type': 'application/json' }
  }
  const res = await reached(method, fetch(prefix + path, init))
  if (res.ok) return res
  let p: Partial<Schemas['Problem']> = {}
  try {
    p = read(await res.text())
  } catch {
    // a proxy's page
  }
  throw new Problem(res.status, p.kind ?? '', p.detail || p.title || res.statusText, p.hint ?? '', p.errors ?? [], p.decided ?? null)
}

export async function get<T>(path: string): Promise<T> {
  return read(await reached('GET', (await ask('GET', path)).text()))
}

export async function send<T>(method: 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown, headers?: Record<string, string>): Promise<T> {
  const res = await ask(method, path, body, headers)
  return res.status === 204 ? (undefined as T) : read(await reached(method, res.text()))
}

/** getPart reads a part of a list, and the address of the next one. */
export async function getPart<T>(path: string): Promise<{ items: T[]; next: string }> {
  const res = await ask('GET', path)
  const link = /<([^>]*)>;\s*rel="?next"?/.exec(res.headers.get('Link') ?? '')
  const cursor = link ? (new URL(link[1]!, location.href).searchParams.get('cursor') ?? '') : ''
  return { items: read(await reached('GET', res.text())), next: cursor }
}

/** stepPath is the address of a step, or of its blocker: a key has slashes, which stay. */
export function keyPath(run: string, what: 'steps' | 'blockers', key: string): string {
  return `/runs/${run}/${what}/${key.split('/').map(encodeURIComponent).join('/')}`
}

/** address is where a browser finds a route itself, for downloads. */
export function address(path: string): string {
  return prefix + path
}
