// What happened, event by event, and the proof that it is what was recorded.

import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks'
import { address, get, mayPass, type Event, type Proof, type RunRecord } from '../api'
import { clock, count, time } from '../format'
import { listen, soon } from '../live'
import { Command } from '../parts/command'
import { Loading, Trouble } from '../parts/problem'
import { Rows } from '../parts/rows'
import { Json } from '../parts/value'
import type { Live } from './store'

const atOnce = 500

export function Journal({ run, live }: { run: RunRecord; live: Live }) {
  const [events, setEvents] = useState<Event[] | null>(null)
  const [chosen, setChosen] = useState<Event | null>(null)
  const [error, setError] = useState<unknown>(null)
  const [proof, setProof] = useState<Proof | null>(null)
  const all = useRef<Event[]>([])
  const whole = useRef(false) // all events up to the last one have been read
  const busy = useRef(false)
  const load = useMemo(
    () =>
      soon(async () => {
        busy.current = true
        try {
          const got = await get<Event[]>(`/runs/${run.id}/events?after=${all.current.at(-1)?.seq ?? 0}&limit=${atOnce}`)
          whole.current = got.length < atOnce
          all.current = [...all.current, ...got]
          setEvents(all.current)
          setError(null)
        } catch (e) {
          setError(e)
          return mayPass(e)
        } finally {
          busy.current = false
        }
      }, 250),
    [run.id],
  )
  const more = useCallback(() => void (whole.current || load()), [load])
  useEffect(() => {
    load()
    const again = () => void ((whole.current || busy.current) && load()) // else it is read when it comes in sight
    return listen({ change: (c) => c.run === run.id && again(), many: again, reset: again })
  }, [load])
  return (
    <section class="journal">
      <p class="controls">
        <button type="button" onClick={() => get<Proof>(`/runs/${run.id}/verify`).then(setProof, setError)}>
          Verify
        </button>
        <a class="button" href={address(`/runs/${run.id}/export`)} download={`${run.id}.json`}>
          Export
        </a>
        <span class="quiet">{count(live.seq.value, 'event')}</span>
      </p>
      {proof && (
        <p class="note" role="status">
          {count(proof.events, 'event')} follow from one another, the last with hash <code>{proof.last.slice(0, 24)}…</code>
          {proof.withheld > 0 && `; ${count(proof.withheld, 'value')} withheld`}
        </p>
      )}
      <Trouble error={error} />
      {!events && !error && <Loading what="events" />}
      {events && (
        <div class="split">
          <Rows
            n={events.length}
            height={34}
            label="Events"
            end={more}
            id={(i) => events[i]!.seq}
            row={(i) => {
              const e = events[i]!
              return (
                <button type="button" class={`event-row ${chosen?.seq === e.seq ? 'chosen' : ''}`} aria-pressed={chosen?.seq === e.seq} onClick={() => setChosen(e)}>
                  <span class="no">{e.seq}</span>
                  <strong>{e.type}</strong>
                  <code>{e.key}</code>
                  <time class="quiet" dateTime={e.at} title={time(e.at)}>
                    {clock(e.at)}
                  </time>
                </button>
              )
            }}
          />
          <aside class="inspector" aria-label="Event">
            {chosen ? <Json of={chosen} /> : <p class="quiet">Choose an event to read it.</p>}
          </aside>
        </div>
      )}
      <details>
        <summary>The same from a terminal</summary>
        <Command line={`pawl logs ${run.id}`} />
        <Command line={`pawl verify ${run.id}`} />
        <Command line={`pawl export ${run.id} -o ${run.id}.json`} />
      </details>
    </section>
  )
}
