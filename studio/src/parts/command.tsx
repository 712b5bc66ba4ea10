import { useState } from 'preact/hooks'

/** Copy is a button that copies a text, and says that it did. */
export function Copy({ text, what }: { text: string; what: string }) {
  const [done, setDone] = useState(false)
  return (
    <button
      type="button"
      class="small"
      onClick={async () => {
        await navigator.clipboard?.writeText(text)
        setDone(true)
        setTimeout(() => setDone(false), 1500)
      }}
    >
      {done ? 'Copied' : 'Copy'}
      <span class="hidden"> {what}</span>
    </button>
  )
}

/** Command is the command line that does what a control does. */
export function Command({ line }: { line: string }) {
  return (
    <div class="command">
      <code>{line}</code>
      <Copy text={line} what="the command line" />
    </div>
  )
}
