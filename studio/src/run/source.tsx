// The flow's own code and prompts, with the line of the chosen step.

import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { FlowDescription, RunRecord, SourceFile, StepSummary } from '../api'
import { useGot } from '../parts/got'
import { Loading, Trouble } from '../parts/problem'

export function Source({ run, steps, chosen }: { run: RunRecord; steps: StepSummary[]; chosen: string }) {
  const step = steps.find((s) => s.key === chosen)
  return (
    <>
      {run.begun.changed && run.begun.changed.length > 0 && <p class="note">This is the code of the program that shows it. Since the run was begun, these parts have changed: {run.begun.changed.join(', ')}.</p>}
      <Files flow={run.flow} at={step?.source ?? ''} />
    </>
  )
}

/** Files shows what a flow is written in; at is a place in it, as in "blog/write.go:61". */
export function Files({ flow, at }: { flow: string; at: string }) {
  const base = `/flows/${encodeURIComponent(flow)}`
  const [code, noCode] = useGot<SourceFile[]>(base + '/sources')
  const [d, noFlow] = useGot<FlowDescription>(base)
  const error = noCode ?? noFlow
  const [path, setPath] = useState('')
  const files = useMemo(() => code && d && filesOf(code, d), [code, d])
  const [name, line] = [at.slice(0, at.lastIndexOf(':')), Number(at.slice(at.lastIndexOf(':') + 1))]
  const marked = files?.find((f) => name && (f.path === name || name.endsWith('/' + f.path) || f.path.endsWith('/' + name)))
  useEffect(() => setPath(''), [at])
  if (!files) return error ? <Trouble error={error} /> : <Loading what="the source" />
  if (files.length === 0) return <p class="empty">The flow carries no source.</p>
  const shown = files.find((f) => f.path === path) ?? marked ?? files[0]!
  return (
    <div class="source">
      <div class="files" role="group" aria-label="Files">
        {files.map((f) => (
          <button type="button" key={f.path} class="small" aria-pressed={f === shown} onClick={() => setPath(f.path)}>
            {f.path}
          </button>
        ))}
      </div>
      <Lines file={shown} line={shown === marked ? line : 0} />
    </div>
  )
}

/** filesOf are the files of a flow, with those of its prompts that are not among them. */
function filesOf(code: SourceFile[], d: FlowDescription): SourceFile[] {
  const prompts = d.prompts.map((p) => ({ path: `prompts/${p.name}.md`, text: p.text }))
  return [...code, ...prompts.filter((p) => !code.some((c) => c.path.endsWith(p.path)))]
}

function Lines({ file, line }: { file: SourceFile; line: number }) {
  const mark = useRef<HTMLElement>(null)
  useEffect(() => {
    const at = mark.current
    const box = at?.parentElement
    if (at && box) box.scrollTop = at.offsetTop - box.clientHeight / 3
  }, [file, line])
  return (
    <pre class="lines" tabIndex={0} aria-label={file.path}>
      {file.text
        .replace(/\n$/, '')
        .split('\n')
        .map((text, i) => (
          <code key={i} ref={i + 1 === line ? mark : undefined} class={i + 1 === line ? 'marked' : ''} aria-current={i + 1 === line ? 'true' : undefined}>
            <span class="no" aria-hidden="true">
              {i + 1}
            </span>
            <Go text={text} />
            {'\n'}
          </code>
        ))}
    </pre>
  )
}

/** Go colours a line a little: comments, texts, and the calls that make steps. */
function Go({ text }: { text: string }) {
  const parts = text.split(/(\/\/.*$|"(?:[^"\\]|\\.)*"|`[^`]*`|\bpawl\.[A-Z]\w*|\bpattern\.[A-Z]\w*|\b(?:func|return|if|else|for|range|type|struct|var|const|package|import|switch|case|default|nil|err)\b)/)
  return (
    <>
      {parts.map((p, i) => (i % 2 === 0 ? p : <span key={i} class={p.startsWith('//') ? 'c' : /^["`]/.test(p) ? 's' : /^pa/.test(p) && p.includes('.') ? 'f' : 'k'}>{p}</span>))}
    </>
  )
}
