// What model calls have cost: by day, flow and model, beside the limits that are set.

import { useEffect, useState } from 'preact/hooks'
import { get, mayPass, type CostReport, type CostSum, type FlowRecord, type Limit } from '../api'
import { count, number, quote, time, usd } from '../format'
import { listen, soon } from '../live'
import { Command } from '../parts/command'
import { useGot } from '../parts/got'
import { Loading, Trouble } from '../parts/problem'
import { query, setQuery } from '../router'

const ways = ['day', 'flow', 'model'] as const
const titles = { day: 'By day', flow: 'By flow', model: 'By model' }

/** ages are what of the past is added up. */
const ages: [string, string][] = [
  ['0d', 'today'],
  ['6d', 'in 7 days'],
  ['29d', 'in 30 days'],
  ['all', 'at any time'],
]

export function Costs() {
  const q = query.value
  const flow = q.get('flow') ?? ''
  const since = q.get('since') || '29d'
  const tz = q.get('tz') || Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC'
  const [all, setAll] = useState<CostReport[] | null>(null)
  const [limits, setLimits] = useState<Limit[]>([])
  const flows = useGot<FlowRecord[]>('/flows')[0] ?? []
  const [error, setError] = useState<unknown>(null)
  useEffect(() => {
    let gone = false
    const load = soon(async () => {
      if (gone) return
      try {
        const from = since === 'all' ? '' : dayOf(since, tz)
        const about = new URLSearchParams({ tz, ...(flow && { flow }), ...(from && { since: from }) })
        const [limits, ...all] = await Promise.all([get<Limit[]>('/limits'), ...ways.map((by) => get<CostReport>(`/costs?by=${by}&${about}`))])
        if (gone) return
        setLimits(limits.filter((l) => !flow || !l.flow || l.flow === flow))
        setAll(all)
        setError(null)
      } catch (e) {
        if (!gone) setError(e)
        return mayPass(e)
      }
    }, 15_000)
    load()
    const stop = listen({ change: (c) => c.types.some((t) => costly.has(t)) && load(), many: load, reset: load })
    return () => {
      gone = true
      stop()
    }
  }, [flow, since, tz])
  const total = all?.[0]?.total
  return (
    <section class="page">
      <h1>Costs</h1>
      <form class="filters" onSubmit={(e) => e.preventDefault()}>
        <label>
          Flow
          <select value={flow} onChange={(e) => setQuery({ flow: e.currentTarget.value })}>
            <option value="">all</option>
            {flow && !flows.some((f) => f.name === flow) && <option>{flow}</option>}
            {flows.map((f) => (
              <option key={f.name}>{f.name}</option>
            ))}
          </select>
        </label>
        <label>
          Calls that ended
          <select value={since} onChange={(e) => setQuery({ since: e.currentTarget.value })}>
            {!ages.some(([age]) => age === since) && <option value={since}>since {since}</option>}
            {ages.map(([age, name]) => (
              <option key={age} value={age}>
                {name}
              </option>
            ))}
          </select>
        </label>
      </form>
      <Trouble error={error} />
      {!all && !error && <Loading what="costs" />}
      {total && total.model_calls === 0 && (
        <div class="empty">
          <p>No model call has ended then.</p>
        </div>
      )}
      {total && total.model_calls > 0 && <Total sum={total} />}
      {limits.length > 0 && <Limits all={limits} />}
      {total && total.model_calls > 0 && all?.map((r, i) => <Sums key={ways[i]} report={r} by={ways[i]!} />)}
      {all && (
        <>
          <p class="quiet">
            Dollars are an estimate, by the prices of the time of each call. What a rerun or a fork takes over was paid once and counts once; imported runs were paid elsewhere; what is removed
            stays spent. Days are those of {tz}.
          </p>
          <Command line={`pawl costs --by day${since === 'all' ? '' : ` --since ${dayOf(since, tz)}`}${flow && ` --flow ${quote(flow)}`} --tz ${quote(tz)}`} />
        </>
      )}
    </section>
  )
}

/** costly are the events with which these sums change. */
const costly = new Set(['attempt', 'released', 'failed', 'done', 'canceled'])

/** dayOf is the date so many days ago; what is no number of days stays as it is. */
function dayOf(age: string, tz: string): string {
  const days = /^(\d+)d$/.exec(age)
  if (!days) return age
  const form = new Intl.DateTimeFormat('en-CA', { timeZone: tz, year: 'numeric', month: '2-digit', day: '2-digit' })
  const at = new Date(form.format(new Date()) + 'T12:00:00Z') // noon: no clock that is put forward is in the way
  at.setUTCDate(at.getUTCDate() - Number(days[1]))
  return at.toISOString().slice(0, 10)
}

function dollars(s: CostSum): string {
  return s.cost_usd == null ? 'unknown' : usd(s.cost_usd)
}

function tokens(n: number | null): string {
  return n == null ? 'unknown' : number(n)
}

function Total({ sum }: { sum: CostSum }) {
  return (
    <>
      <dl class="facts">
        <div>
          <dt>Cost</dt>
          <dd class="total">{dollars(sum)}</dd>
        </div>
        <div>
          <dt>Model calls</dt>
          <dd>{number(sum.model_calls)}</dd>
        </div>
        <div>
          <dt>Runs</dt>
          <dd>{number(sum.runs)}</dd>
        </div>
        <div>
          <dt>Tokens in</dt>
          <dd>
            {tokens(sum.input_tokens)}
            {!!sum.cached_tokens && `, ${number(sum.cached_tokens)} of them cached`}
            {!!sum.cache_write_tokens && `, ${number(sum.cache_write_tokens)} written into the cache`}
          </dd>
        </div>
        <div>
          <dt>Tokens out</dt>
          <dd>{tokens(sum.output_tokens)}</dd>
        </div>
      </dl>
      {sum.unpriced_calls > 0 && (
        <p class="note">
          {count(sum.unpriced_calls, 'call')} may have cost something that is not in these sums: no price is known, or nobody saw the end. <a href="/">The runs</a> say which.
        </p>
      )}
    </>
  )
}

function Sums({ report, by }: { report: CostReport; by: (typeof ways)[number] }) {
  const paid = report.sums.some((s) => (s.cost_usd ?? 0) > 0)
  const size = (s: CostSum) => (paid ? (s.cost_usd ?? 0) : s.model_calls)
  const written = !!report.total.cache_write_tokens
  const most = Math.max(...report.sums.map(size), Number.MIN_VALUE)
  return (
    <>
      <h2 id={`by-${by}`}>{titles[by]}</h2>
      <table class="sums" aria-labelledby={`by-${by}`}>
        <thead>
          <tr>
            <th scope="col">{{ day: 'Day', flow: 'Flow', model: 'Model' }[by]}</th>
            <th scope="col">Cost</th>
            <th scope="col">Calls</th>
            <th scope="col">Runs</th>
            <th scope="col" class="wide">
              Tokens in
            </th>
            <th scope="col" class="wide">
              Cached
            </th>
            {written && (
              <th scope="col" class="wide">
                Written
              </th>
            )}
            <th scope="col" class="wide">
              Out
            </th>
          </tr>
        </thead>
        <tbody>
          {report.sums.map((s) => (
            <tr key={s.name}>
              <th scope="row">
                {by === 'flow' ? <a href={`/costs?flow=${encodeURIComponent(s.name)}`}>{s.name}</a> : s.name}
                <svg class="share" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
                  <rect width={(100 * size(s)) / most} height="4" />
                </svg>
              </th>
              <td>
                {dollars(s)}
                {s.unpriced_calls > 0 && <span class="wait unpriced">{count(s.unpriced_calls, 'call')} unpriced</span>}
              </td>
              <td>{number(s.model_calls)}</td>
              <td>{number(s.runs)}</td>
              <td class="wide">{tokens(s.input_tokens)}</td>
              <td class="wide">{tokens(s.cached_tokens)}</td>
              {written && <td class="wide">{tokens(s.cache_write_tokens)}</td>}
              <td class="wide">{tokens(s.output_tokens)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  )
}

/** Limits are what many runs may take together, with what of it is gone. */
function Limits({ all }: { all: Limit[] }) {
  return (
    <>
      <h2>Limits</h2>
      <div class="columns">
        {all.map((l) => (
          <div class="card budget" key={l.flow + l.per}>
            <h3>
              {l.flow ? `Flow ${l.flow}` : 'All runs together'}, {l.per === 'total' ? 'in all' : `a ${l.per}`}
            </h3>
            {(['usd', 'tokens', 'calls'] as const).map((k) => {
              const most = l.limit[k]
              if (most == null) return null
              const write = k === 'usd' ? usd : number
              const spent = l.spent[k]
              const reserved = l.reserved[k] ?? 0
              const of = (n: number) => (100 * n) / Math.max(most, (spent ?? 0) + reserved, Number.MIN_VALUE)
              return (
                <div key={k}>
                  {spent == null ? 'unknown, since a price was missing,' : write(spent)} of {write(most)} {k === 'usd' ? '' : k}
                  {reserved > 0 && `, ${write(reserved)} reserved`}
                  <svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
                    <rect class="limit" width="100" height="8" />
                    <rect class="spent" width={of(spent ?? 0)} height="8" />
                    <rect class="reserved" x={of(spent ?? 0)} width={of(reserved)} height="8" />
                  </svg>
                </div>
              )
            })}
            {l.until && <p class="quiet">until {time(l.until)}</p>}
          </div>
        ))}
      </div>
      <Command line="pawl limit list" />
    </>
  )
}
