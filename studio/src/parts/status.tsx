// A status is an icon and a word, so that no colour is needed to tell it.

const icons: Record<string, string> = {
  done: 'M5 10.5l3.2 3.2L15 6.8',
  failed: 'M6 6l8 8M14 6l-8 8',
  waiting: 'M10 5.5V10l3 2',
  running: 'M7.5 5.5v9l7-4.5z',
  paused: 'M7.5 6v8M12.5 6v8',
  pausing: 'M7.5 6v8M12.5 6v8',
  canceled: 'M5.5 10h9',
  canceling: 'M5.5 10h9',
  queued: 'M6 10h.01M10 10h.01M14 10h.01',
  pending: 'M6 10h.01M10 10h.01M14 10h.01',
  retrying: 'M6 10a4 4 0 0 1 7-2.6M14 10a4 4 0 0 1-7 2.6M13 4.5v3h-3M7 15.5v-3h3',
  reused: 'M6 10a4 4 0 0 1 7-2.6M14 10a4 4 0 0 1-7 2.6M13 4.5v3h-3M7 15.5v-3h3',
  planned: 'M6 10h.01M10 10h.01M14 10h.01',
}

const tones: Record<string, string> = {
  done: 'ok',
  failed: 'bad',
  waiting: 'wait',
  running: 'busy',
  retrying: 'busy',
  reused: 'ok',
  pausing: 'busy',
  canceling: 'busy',
}

export function tone(status: string): string {
  return tones[status] ?? 'plain'
}

export function Icon({ name }: { name: string }) {
  return (
    <svg class="icon" viewBox="0 0 20 20" aria-hidden="true">
      <circle cx="10" cy="10" r="8" />
      <path d={icons[name] ?? icons.pending!} />
    </svg>
  )
}

export function Status({ is, word }: { is: string; word?: string }) {
  return (
    <span class={`status ${tone(is)}`}>
      <Icon name={is} />
      {word ?? is}
    </span>
  )
}

/** boundaries are who acts in a step: the three lanes. */
export function Boundary({ is }: { is: string }) {
  return <span class={`boundary ${is}`}>{is}</span>
}
