// What waits for a person, in all runs, the oldest first.

import { useEffect } from 'preact/hooks'
import { get, type InboxItem } from '../api'
import { waiting } from '../app'
import { count } from '../format'
import { Command } from '../parts/command'
import { Loading } from '../parts/problem'
import { BlockerCard } from '../run/blockers'

export function Inbox() {
  const items = waiting.value
  const look = () => void get<InboxItem[]>('/inbox').then((all) => (waiting.value = all), () => {})
  useEffect(look, [])
  return (
    <section class="page">
      <h1>Inbox</h1>
      {!items && <Loading what="the inbox" />}
      {items && items.length === 0 && (
        <div class="empty">
          <p>Nothing waits for a person.</p>
          <Command line="pawl inbox" />
        </div>
      )}
      {items && items.length > 0 && <p class="quiet">{count(items.length, 'question')}, the oldest first</p>}
      {items?.map((b) => (
        <article key={b.run + b.key + b.kind}>
          <p class="of">
            <a href={`/runs/${b.run}`}>
              <strong>{b.flow}</strong> <code>{b.run}</code>
            </a>
          </p>
          <BlockerCard whole run={b.run} b={b} look={look} />
        </article>
      ))}
    </section>
  )
}
