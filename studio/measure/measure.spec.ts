// How the studio bears much: figures, not tests.

import { execFileSync } from 'node:child_process'
import { resolve } from 'node:path'
import type { CDPSession, Page } from '@playwright/test'
import { expect, test } from '../tests/server'

const steps = Number(process.env.STEPS ?? 2000)
const runs = Number(process.env.RUNS ?? 100_000)
const ticks = Number(process.env.TICKS ?? 15_000) // two events each

test(`a run of ${steps} steps`, async ({ opened: page, server }) => {
  const id = await server.run('wide', { n: steps })
  await server.until(id, 'done')
  for (const tab of ['', '/steps', '/timeline', '/journal', '/walkthrough']) {
    await shown(page, `${server.url}/runs/${id}${tab}`, tab || '/flow')
  }
  await page.goto(`${server.url}/runs/${id}/steps`)
  await expect(page.locator('.step-row').first()).toBeVisible()
  await busy(page, 'steps, scrolled from end to end', () => scrolled(page))
})

test(`a list of ${runs} runs`, async ({ opened: page, server }) => {
  await server.kill('SIGTERM')
  execFileSync(resolve('test-results/scenes'), ['fill', String(runs), server.dir], { stdio: 'inherit' })
  await server.start()
  await page.goto(`${server.url}/?token=${server.token}`)
  for (const query of ['', '?status=done', '?status=failed', `?search=number+${runs / 2}+`]) await shown(page, `${server.url}/runs${query}`, `/runs${query}`)
  await page.goto(`${server.url}/runs`)
  await expect(page.locator('.run-row').first()).toBeVisible()
  await busy(page, 'list, scrolled', () => scrolled(page))
})

test(`a run while its events come`, async ({ opened: page, server }) => {
  const id = await server.run('ticking', { n: ticks, pause: 10 })
  for (const tab of ['/steps', '/timeline', '/journal', '']) {
    await page.goto(`${server.url}/runs/${id}${tab}`)
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
    const before = (await server.ask('GET', `/runs/${id}/progress?since=1000000000`)).seq
    await busy(page, `${tab || '/flow'} for 10 s`, () => page.waitForTimeout(10_000))
    const after = (await server.ask('GET', `/runs/${id}/progress?since=1000000000`)).seq
    say(`  events a second`, (after - before) / 10)
  }
  await page.goto(`${server.url}/runs/${id}/steps`)
  const cdp = await page.context().newCDPSession(page)
  for (;;) {
    const p = await server.ask('GET', `/runs/${id}/progress?since=1000000000`)
    say(`memory of the page after ${p.seq} events, in MB`, await heap(cdp))
    if (p.run.status !== 'running') break
    await page.waitForTimeout(15_000)
  }
  await page.reload()
  await expect(page.locator('.step-row').first()).toBeVisible()
  say(`memory of a page that is opened then, in MB`, await heap(cdp))
})

function say(what: string, value: number | string) {
  console.log(`${what}: ${typeof value === 'number' ? Math.round(value * 10) / 10 : value}`)
}

/** shown says how long a page takes until there is something, and until what it is about. */
async function shown(page: Page, url: string, what: string) {
  const begun = Date.now()
  await page.goto(url)
  await expect(page.locator('main button, main a, main .event-row').first()).toBeVisible()
  const whole = Date.now() - begun
  const first = await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN)
  say(`${what}: first content ${Math.round(first)} ms, whole`, whole)
}

/** busy says how long the page was not to be used while something was done. */
async function busy(page: Page, what: string, f: () => Promise<unknown>) {
  await page.evaluate(() => {
    const w = window as unknown as { tasks: number[] }
    w.tasks = []
    new PerformanceObserver((l) => l.getEntries().forEach((e) => w.tasks.push(e.duration))).observe({ type: 'longtask', buffered: false })
  })
  await f()
  const tasks = await page.evaluate(() => (window as unknown as { tasks: number[] }).tasks)
  say(`${what}: ${tasks.length} tasks over 50 ms, the longest in ms`, Math.max(0, ...tasks))
}

async function scrolled(page: Page) {
  for (let i = 0; i < 40; i++) {
    await page.mouse.move(600, 600)
    await page.mouse.wheel(0, 4000)
    await page.waitForTimeout(50)
  }
}

async function heap(cdp: CDPSession): Promise<number> {
  await cdp.send('HeapProfiler.enable')
  await cdp.send('HeapProfiler.collectGarbage')
  const { usedSize } = (await cdp.send('Runtime.getHeapUsage')) as { usedSize: number }
  return usedSize / 1e6
}
