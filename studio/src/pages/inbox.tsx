// What waits for a person, in all runs, the oldest first.

import { useEffect } from 'preact/hooks'
import { look, trouble, waiting } from '../waiting'
import { number } from '../format'
import { Command } from '../parts/command'
import { Loading, Trouble } from '../parts/problem'
import { BlockerCard } from '../run/blockers'

export function Inbox() {
  const items = waiting.value
  useEffect(look, [])
  return (
    <section class="page">
      <h1>Inbox</h1>
      <Trouble error={trouble.value} again={look} />
      {!items && !trouble.value && <Loading what="the inbox" />}
      {items && items.length === 0 && (
        <div class="empty">
          <p>Nothing waits for a person.</p>
          <Command line="pawl inbox" />
        </div>
      )}
      {items && items.length > 0 && <p class="quiet">{items.length === 1 ? 'One waits' : `${number(items.length)} wait, the oldest first`}</p>}
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
