// A server with a data directory of its own, and a page that is let in.

import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { test as base, type Page } from '@playwright/test'

export class Server {
  dir = mkdtempSync(join(tmpdir(), 'pawl-studio-'))
  port = 0
  token = ''
  url = ''
  private process?: ChildProcess

  constructor(private program = resolve('test-results/scenes')) {}

  /** start starts it, after the first time at the same address. */
  async start() {
    const p = (this.process = spawn(this.program, ['serve', '--json', '--addr', `127.0.0.1:${this.port}`, '--data', this.dir], { stdio: ['ignore', 'pipe', 'ignore'] }))
    for await (const line of createInterface({ input: p.stdout! })) {
      const said = JSON.parse(line)
      this.token = said.token
      this.url = `http://${said.addr}`
      this.port = Number(said.addr.split(':')[1])
      break
    }
    if (!this.url) throw new Error('the server has not started')
  }

  async kill(signal: NodeJS.Signals = 'SIGKILL') {
    const p = this.process!
    if (p.exitCode === null && p.signalCode === null) {
      const gone = once(p, 'exit')
      p.kill(signal)
      await gone
    }
  }

  async remove() {
    await this.kill()
    rmSync(this.dir, { recursive: true, force: true })
  }

  async ask<T = any>(method: string, path: string, body?: unknown): Promise<T> {
    const res = await fetch(`${this.url}/api/v1${path}`, { method, headers: { Authorization: `Bearer ${this.token}`, 'Content-Type': 'application/json' }, body: body === undefined ? undefined : JSON.stringify(body) })
    if (!res.ok) throw new Error(`${method} ${path}: ${res.status} ${await res.text()}`)
    return res.status === 204 ? (undefined as T) : ((await res.json()) as T)
  }

  async run(flow: string, input: unknown, more: object = {}): Promise<string> {
    return (await this.ask('POST', '/runs', { flow, input, ...more })).id
  }

  /** until waits until a run stands at one of some statuses. */
  async until(id: string, ...statuses: string[]) {
    for (;;) {
      const run = await this.ask('GET', `/runs/${id}/progress?since=1000000000`)
      if (statuses.includes(run.run.status)) return run.run
      await new Promise((done) => setTimeout(done, 50))
    }
  }
}

type Fixtures = { server: Server; opened: Page; strangers: string[] }

export const test = base.extend<Fixtures>({
  server: async ({}, use) => {
    const s = new Server()
    await s.start()
    await use(s)
    await s.remove()
  },
  // requests to other hosts, which no page may make
  strangers: async ({}, use) => {
    const all: string[] = []
    await use(all)
    if (all.length > 0) throw new Error(`the page asked another host: ${all.join(' ')}`)
  },
  opened: async ({ page, server, strangers }, use) => {
    const faults: string[] = []
    page.on('request', (r) => {
      if (!r.url().startsWith(server.url) && !r.url().startsWith('data:')) strangers.push(r.url())
    })
    page.on('pageerror', (e) => faults.push(String(e)))
    await page.goto(`${server.url}/?token=${server.token}`)
    await use(page)
    if (faults.length > 0) throw new Error(faults.join('\n'))
  },
})

export { expect } from '@playwright/test'
