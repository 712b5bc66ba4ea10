// JSON without loss: whole numbers that a JavaScript number cannot hold are BigInts here.

type Exact = {
  parse(text: string, revive: (key: string, value: unknown, context?: { source?: string }) => unknown): unknown
  rawJSON?(text: string): unknown
}
const exact = JSON as unknown as Exact

/** read is JSON.parse. In browsers that do not show the source of a number, those beyond 2^53 are rounded. */
export function read(text: string): any {
  return exact.parse(text, (_, v, context) => {
    if (typeof v !== 'number' || Number.isSafeInteger(v) || !/^-?\d+$/.test(context?.source ?? '')) return v
    return BigInt(context!.source!)
  })
}

/** write is JSON.stringify. It refuses a number that read may have rounded. */
export function write(value: unknown, indent?: number): string {
  return JSON.stringify(
    value,
    (_, v) => {
      if (typeof v === 'bigint') return exact.rawJSON!(String(v))
      if (typeof v === 'number' && !exact.rawJSON && Math.abs(v) > Number.MAX_SAFE_INTEGER && /^-?\d+$/.test(String(v)))
        throw new Error(`This browser cannot write ${v} without loss.`)
      return v
    },
    indent,
  )
}

/** numberOf is the number that a text stands for, as JSON has it; undefined if it is none. */
export function numberOf(text: string): number | bigint | undefined {
  const n = Number(text)
  if (text.trim() === '' || !Number.isFinite(n)) return undefined
  return /^[-+]?\d+$/.test(text) && !Number.isSafeInteger(n) && exact.rawJSON ? BigInt(text.replace('+', '')) : n
}

/** patchOf is the JSON merge patch (RFC 7396) that makes one value of another; undefined where none can. */
export function patchOf(was: unknown, is: unknown): unknown {
  if (!isObject(is)) return is === null ? undefined : is
  const old = isObject(was) ? was : {}
  const patch: Record<string, unknown> = {}
  for (const name of Object.keys(old)) if (!(name in is)) patch[name] = null
  for (const [name, v] of Object.entries(is)) {
    if (name in old && write(old[name]) === write(v)) continue
    const p = patchOf(old[name], v)
    if (p === undefined || holdsNull(v)) return undefined // in a patch null is what goes
    patch[name] = p
  }
  return patch
}

function isObject(v: unknown): v is Record<string, unknown> {
  return typeof v === 'object' && v !== null && !Array.isArray(v)
}

function holdsNull(v: unknown): boolean {
  return v === null || (isObject(v) && Object.values(v).some(holdsNull))
}

/** setsOf are the changes of a patch as PATH=VALUE; undefined where one removes something. */
export function setsOf(patch: unknown, path = ''): string[] | undefined {
  if (patch === null) return undefined
  if (!isObject(patch)) return [`${path}=${typeof patch === 'string' ? patch : write(patch)}`]
  const all = Object.entries(patch).map(([name, v]) => setsOf(v, path ? `${path}.${name}` : name))
  return all.includes(undefined) ? undefined : (all.flat() as string[])
}
