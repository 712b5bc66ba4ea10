// A form for a value, made of its JSON Schema. Our schemas are a closed subset (see package
// schema): objects, lists, texts, numbers, booleans and closed sets of texts.

import type { ComponentChildren } from 'preact'
import { useEffect, useId, useRef, useState } from 'preact/hooks'
import { problemOf, type Fault } from '../api'
import { numberOf, read, write } from '../json'

export type Schema = {
  type?: string | string[]
  properties?: Record<string, Schema>
  required?: string[]
  items?: Schema
  additionalProperties?: boolean | Schema
  enum?: unknown[]
  description?: string
  default?: unknown
  minLength?: number
  maxLength?: number
  minimum?: number
  maximum?: number
  minItems?: number
  maxItems?: number
  anyOf?: Schema[]
  format?: string
}

/** useFaults are what the server found wrong with a value that was sent in a field of a request, by their
 * places in it. What was changed since is not known to be wrong. */
export function useFaults(error: unknown, value: unknown, field: string): Fault[] {
  const sent = useRef({ error, value })
  if (sent.current.error !== error) sent.current = { error, value }
  if (!error) return []
  return faultsIn(error, field).filter((f) => Object.is(partOf(sent.current.value, f.path), partOf(value, f.path)))
}

/** faultsIn are the faults in a field of a request, by their places in it. */
export function faultsIn(error: unknown, field: string): Fault[] {
  return problemOf(error)
    .faults.map((f) => ({ ...f, path: f.path.replace(/^body\.?/, '') }))
    .filter((f) => f.path === field || f.path.startsWith(field + '.') || f.path.startsWith(field + '['))
    .map((f) => ({ ...f, path: f.path.slice(field.length).replace(/^\./, '') }))
}

/** partOf is what stands at a place in a value, as faults name it. */
function partOf(value: unknown, path: string): unknown {
  for (const name of path.split(/[.[\]]+/).filter(Boolean)) value = (value as Record<string, unknown> | null | undefined)?.[name]
  return value
}

/** typeOf is the one type of a schema that may also allow null. */
function typeOf(s: Schema): { type: string; nullable: boolean; of: Schema } {
  if (s.anyOf) {
    const rest = s.anyOf.filter((o) => o.type !== 'null')
    if (rest.length === 1) return { ...typeOf({ ...rest[0]!, description: s.description }), nullable: rest.length < s.anyOf.length }
    return { type: 'json', nullable: false, of: s }
  }
  const all = Array.isArray(s.type) ? s.type : [s.type ?? 'json']
  const rest = all.filter((t) => t !== 'null')
  return { type: rest.length === 1 ? rest[0]! : 'json', nullable: rest.length < all.length, of: s }
}

/** initial is what a form begins with: defaults, and the least that a type wants. */
export function initial(s: Schema): unknown {
  if (s.default !== undefined) return s.default
  const { type, nullable, of } = typeOf(s)
  if (nullable) return null
  switch (type) {
    case 'object':
      return Object.fromEntries(
        Object.entries(of.properties ?? {})
          .filter(([name, p]) => (of.required ?? []).includes(name) || p.default !== undefined)
          .map(([name, p]) => [name, initial(p)]),
      )
    case 'array':
      return Array.from({ length: of.minItems ?? 0 }, () => initial(of.items ?? {}))
    case 'boolean':
      return false
    case 'string':
      return of.enum ? (of.enum[0] ?? '') : ''
    default:
      return undefined // a number that must be given, and anything else
  }
}

type FieldProps = {
  schema: Schema
  value: unknown
  change: (v: unknown) => void
  path: string // as faults name it: "sections[0].title"
  faults: Fault[]
  name: string
  required?: boolean
}

/** Form is a form for a value. path is what faults call the whole. */
export function Form(p: Omit<FieldProps, 'name'> & { name?: string }) {
  const top = p.faults.filter((f) => f.path === p.path || f.path === '')
  return (
    <div class="form">
      {top.map((f, i) => (
        <p key={i} class="fault" role="alert">
          {f.message}
        </p>
      ))}
      <Field {...p} name={p.name ?? (['object', 'array', 'json'].includes(typeOf(p.schema).type) ? '' : 'Value')} required />
    </div>
  )
}

/** isSound says of a form that is to be sent whether all that is written in it can be: where not, it says so there. */
export function isSound(form: HTMLFormElement | null): boolean {
  return form === null || form.reportValidity()
}

/** Field is a control for a value; one that may be left out, or be null, can be that again. */
function Field(p: FieldProps) {
  const { type, nullable, of } = typeOf(p.schema)
  const ref = useRef<HTMLDivElement>(null)
  if (p.required && !nullable) return <Control {...p} />
  const absent = nullable && p.value === null
  const leave = () => {
    p.change(nullable ? null : undefined)
    requestAnimationFrame(() => ref.current?.querySelector<HTMLElement>('input, textarea, select, button')?.focus())
  }
  return (
    <div class="optional" ref={ref}>
      {absent ? <Absent {...p} of={of} type={type} /> : <Control {...p} />}
      {!absent && p.value !== undefined && (
        <button type="button" class="small" onClick={leave}>
          Leave out<span class="hidden"> {p.name}</span>
        </button>
      )}
    </div>
  )
}

function Control(p: FieldProps) {
  const { type, of } = typeOf(p.schema)
  switch (type) {
    case 'object':
      return of.properties ? <Group {...p} schema={of} /> : <Raw {...p} />
    case 'array':
      return of.items ? <Items {...p} schema={of} /> : <Raw {...p} />
    case 'string':
    case 'number':
    case 'integer':
    case 'boolean':
      return <Simple {...p} schema={of} type={type} />
    default:
      return <Raw {...p} />
  }
}

function faultsOf(p: FieldProps): Fault[] {
  return p.faults.filter((f) => f.path === p.path)
}

/** Labeled ties a label, a description and faults to a control. */
function Labeled({ p, id, check, children }: { p: FieldProps; id: string; check?: boolean; children: ComponentChildren }) {
  const own = faultsOf(p)
  return (
    <div class={own.length ? 'field wrong' : 'field'}>
      {p.name && (
        <label for={id} class={check ? 'check' : undefined}>
          {check && <>{children} </>}
          {p.name}
          {!p.required && <span class="quiet"> (may be left out)</span>}
        </label>
      )}
      {p.schema.description && (
        <p class="help" id={id + '-help'}>
          {p.schema.description}
        </p>
      )}
      {!check && children}
      {own.map((f, i) => (
        <p key={i} class="fault" id={id + '-fault'}>
          {f.message}
        </p>
      ))}
    </div>
  )
}

function describes(p: FieldProps, id: string) {
  const ids = [p.schema.description && id + '-help', faultsOf(p).length && id + '-fault'].filter(Boolean).join(' ')
  return { 'aria-describedby': ids || undefined, 'aria-invalid': faultsOf(p).length > 0 || undefined }
}

function Simple({ type, ...p }: FieldProps & { type: string }) {
  const id = useId()
  const s = p.schema
  const about = describes(p, id)
  if (type === 'boolean') {
    return (
      <Labeled p={p} id={id} check>
        <input id={id} type="checkbox" checked={p.value === true} onChange={(e) => p.change(e.currentTarget.checked)} {...about} />
      </Labeled>
    )
  }
  if (s.enum) {
    return (
      <Labeled p={p} id={id}>
        <select id={id} value={String(p.value ?? '')} onChange={(e) => p.change(e.currentTarget.value)} {...about}>
          {p.value === undefined && <option value="" />}
          {s.enum.map((v) => (
            <option key={String(v)} value={String(v)}>
              {String(v)}
            </option>
          ))}
        </select>
      </Labeled>
    )
  }
  if (type === 'string') {
    const text = String(p.value ?? '')
    const long = text.length > 80 || text.includes('\n') || (s.maxLength ?? 0) > 300
    const common = { id, value: text, onInput: (e: InputEvent & { currentTarget: HTMLInputElement | HTMLTextAreaElement }) => p.change(e.currentTarget.value), ...about }
    return (
      <Labeled p={p} id={id}>
        {long ? <textarea rows={Math.min(16, Math.max(3, Math.ceil(text.length / 70)))} {...(common as object)} /> : <input type="text" {...(common as object)} />}
      </Labeled>
    )
  }
  const bounds = [s.minimum !== undefined && `from ${s.minimum}`, s.maximum !== undefined && `to ${s.maximum}`].filter(Boolean).join(' ')
  return (
    <Labeled p={p} id={id}>
      <NumberInput id={id} whole={type === 'integer'} placeholder={bounds} value={p.value} change={p.change} about={about} />
    </Labeled>
  )
}

/** NumberInput keeps what is typed, such as "1.", beside the number that it stands for. */
function NumberInput(p: { id: string; whole: boolean; placeholder: string; value: unknown; change: (v: unknown) => void; about: object }) {
  const written = p.value === undefined || p.value === null ? '' : String(p.value)
  const [text, setText] = useState(written)
  return (
    <input
      id={p.id}
      type="text"
      inputMode={p.whole ? 'numeric' : 'decimal'}
      placeholder={p.placeholder}
      value={Object.is(asNumber(text), p.value) ? text : written}
      onInput={(e) => {
        setText(e.currentTarget.value)
        p.change(asNumber(e.currentTarget.value))
      }}
      {...p.about}
    />
  )
}

/** asNumber keeps what is no number as it was typed: the server says what is wrong with it. */
function asNumber(text: string): unknown {
  text = text.trim()
  if (text === '') return undefined
  return numberOf(text) ?? text
}

function Group(p: FieldProps) {
  const value = (p.value ?? {}) as Record<string, unknown>
  const fields = Object.entries(p.schema.properties ?? {}).map(([name, schema]) => (
    <Field
      key={name}
      name={name}
      schema={schema}
      value={value[name]}
      required={(p.schema.required ?? []).includes(name) || schema.default !== undefined}
      change={(v) => {
        const next = { ...value }
        if (v === undefined) delete next[name]
        else next[name] = v
        p.change(next)
      }}
      path={p.path ? `${p.path}.${name}` : name}
      faults={p.faults}
    />
  ))
  if (!p.name) return <>{fields}</>
  return (
    <fieldset>
      <legend>{p.name}</legend>
      {p.schema.description && <p class="help">{p.schema.description}</p>}
      {faultsOf(p).map((f, i) => (
        <p key={i} class="fault">
          {f.message}
        </p>
      ))}
      {fields}
    </fieldset>
  )
}

function Items(p: FieldProps) {
  const value = (Array.isArray(p.value) ? p.value : []) as unknown[]
  const most = p.schema.maxItems ?? Infinity
  const least = p.schema.minItems ?? 0
  return (
    <fieldset>
      <legend>
        {p.name || 'Elements'} <span class="quiet">({value.length})</span>
      </legend>
      {p.schema.description && <p class="help">{p.schema.description}</p>}
      {faultsOf(p).map((f, i) => (
        <p key={i} class="fault">
          {f.message}
        </p>
      ))}
      {value.map((v, i) => (
        <div key={i} class="item">
          <Field name={`${i}`} required schema={p.schema.items!} value={v} change={(n) => p.change(value.map((o, j) => (i === j ? n : o)))} path={`${p.path}[${i}]`} faults={p.faults} />
          <button type="button" class="small" disabled={value.length <= least} onClick={() => p.change(value.filter((_, j) => i !== j))}>
            Remove<span class="hidden"> element {i}</span>
          </button>
        </div>
      ))}
      <button type="button" class="small" disabled={value.length >= most} onClick={() => p.change([...value, initial(p.schema.items!) ?? null])}>
        Add<span class="hidden"> to {p.name || 'the list'}</span>
      </button>
    </fieldset>
  )
}

function Absent({ of, type, ...p }: FieldProps & { of: Schema; type: string }) {
  const id = useId()
  return (
    <Labeled p={p} id={id}>
      <button id={id} type="button" class="small" aria-label={`Give a value to ${p.name || 'it'}`} onClick={() => p.change(initial({ ...of, type }) ?? '')}>
        Give a value
      </button>
    </Labeled>
  )
}

/** Raw is a field for what has no form of its own: JSON. What is none stays as it is typed, and is not sent. */
function Raw(p: FieldProps) {
  const id = useId()
  const ref = useRef<HTMLTextAreaElement>(null)
  const [typed, setTyped] = useState({ text: '', value: {} as unknown })
  const text = Object.is(typed.value, p.value) ? typed.text : p.value === undefined ? '' : write(p.value, 2)
  const broken = jsonOf(text) === 'broken'
  useEffect(() => ref.current!.setCustomValidity(broken ? noJSON : ''), [broken])
  const own = broken ? { ...p, faults: [...p.faults, { path: p.path, message: noJSON }] } : p
  return (
    <Labeled p={{ ...own, name: p.name || 'Value, as JSON' }} id={id}>
      <textarea
        id={id}
        ref={ref}
        rows={6}
        value={text}
        onInput={(e) => {
          const text = e.currentTarget.value
          const json = jsonOf(text)
          const value = json === 'broken' ? p.value : json.value
          setTyped({ text, value })
          if (json !== 'broken') p.change(value)
        }}
        {...describes(own, id)}
      />
    </Labeled>
  )
}

const noJSON = 'This is no JSON.'

/** jsonOf is the value that a text stands for; of an empty one undefined. */
function jsonOf(text: string): { value: unknown } | 'broken' {
  try {
    return { value: text.trim() === '' ? undefined : read(text) }
  } catch {
    return 'broken'
  }
}
