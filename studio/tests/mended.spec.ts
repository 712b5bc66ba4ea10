// What a page shows stays true: over lost connections, in long lists, in forms.

import { execFileSync } from 'node:child_process'
import { resolve } from 'node:path'
import type { Page } from '@playwright/test'
import { expect, test, type Server } from './server'

/** addRuns begins runs one after the other, so that their order is known, and returns their ids. */
async function addRuns(server: Server, n: number): Promise<string[]> {
  const ids: string[] = []
  for (let i = 0; i < n; i++) ids.push(await server.run('memo', { text: 'a memo', sign: null, marks: {} }))
  return ids
}

/** begin begins a run; with the same key it has the same id, also when that one was removed. */
async function begin(server: Server, flow: string, input: object): Promise<string> {
  const res = await fetch(`${server.url}/api/v1/runs`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${server.token}`, 'Content-Type': 'application/json', 'Idempotency-Key': 'one' },
    body: JSON.stringify({ flow, input }),
  })
  return (await res.json()).id
}

/** shownRuns scrolls through the list, and says which runs are in it, as it stands. */
async function shownRuns(page: Page): Promise<string[]> {
  const seen: string[] = []
  for (let y = 0; ; y += 400) {
    await page.evaluate((y) => window.scrollTo(0, y), y)
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))))
    for (const id of await page.locator('.run-row code').allTextContents()) if (!seen.includes(id)) seen.push(id)
    if (y > (await page.evaluate(() => document.documentElement.scrollHeight))) return seen
  }
}

test('new runs push none out of a long list', async ({ opened: page, server }) => {
  const ids = await addRuns(server, 130)
  await page.goto(server.url)
  await expect(page.getByRole('list', { name: 'Runs' })).toHaveCSS('height', `${100 * 60}px`)
  await page.evaluate(() => window.scrollTo(0, 5500))
  await expect(page.getByRole('list', { name: 'Runs' })).toHaveCSS('height', `${130 * 60}px`)
  ids.push(...(await addRuns(server, 5)))
  await expect(page.getByRole('list', { name: 'Runs' })).toHaveCSS('height', `${135 * 60}px`)
  expect(await shownRuns(page)).toEqual(ids.reverse())
})

test('a part that was asked for under another filter is not shown', async ({ opened: page, server }) => {
  const ids = await addRuns(server, 110)
  await page.goto(server.url)
  await expect(page.locator('.run-row').first()).toBeVisible()
  let let_ = () => {}
  const held = new Promise<void>((done) => (let_ = done))
  let asked = false
  await page.route('**/runs?*cursor=*', async (r) => {
    asked = true
    await held
    await r.continue()
  })
  await page.evaluate(() => window.scrollTo(0, 5500))
  await expect.poll(() => asked).toBe(true)
  await page.evaluate(() => window.scrollTo(0, 0))
  await page.getByRole('searchbox').fill(ids[50]!)
  await expect(page.getByRole('list', { name: 'Runs' })).toHaveCSS('height', '60px')
  const answered = page.waitForResponse(/cursor=/)
  let_()
  await (await answered).finished()
  await page.evaluate(() => new Promise((done) => setTimeout(done)))
  await expect(page.locator('.run-row')).toHaveCount(1)
  await expect(page.locator('.run-row code')).toHaveText(ids[50]!)
})

test('the focus stays on its run when others come before it', async ({ opened: page, server }) => {
  const ids = await addRuns(server, 3)
  await page.goto(server.url)
  await page.locator(`a[href="/runs/${ids[1]}"]`).focus()
  await addRuns(server, 2)
  await expect(page.locator('.run-row')).toHaveCount(5)
  await expect(page.locator(':focus')).toHaveAttribute('href', `/runs/${ids[1]}`)
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(`${server.url}/runs/${ids[1]}`)
})

test('what is no JSON is not sent, and what may be left out can be again', async ({ opened: page, server }) => {
  await page.goto(`${server.url}/start/memo`)
  await page.getByLabel('text', { exact: true }).fill('a memo')
  const marks = page.getByRole('textbox', { name: 'marks' })
  await marks.fill('{"a": 1}')
  await marks.fill('{"a": 1')
  await expect(page.getByText('This is no JSON.')).toBeVisible()
  let sent = 0
  page.on('request', (r) => void (r.method() === 'POST' && sent++))
  await page.getByRole('button', { name: 'Start', exact: true }).click()
  await expect(marks).toBeFocused()
  await expect(marks).toHaveValue('{"a": 1')
  expect(sent).toBe(0)
  await marks.fill('{"a": 2}')

  await page.getByLabel(/^extra/).fill('more')
  await page.getByRole('button', { name: 'Leave out extra' }).click()
  await expect(page.getByLabel(/^extra/)).toHaveValue('')
  await page.getByLabel(/^kind/).selectOption('long')
  await page.getByRole('button', { name: 'Leave out kind' }).click()
  await page.getByRole('button', { name: 'Give a value to sign' }).click()
  await page.getByLabel('sign', { exact: true }).fill('A.')
  await page.getByRole('button', { name: 'Leave out sign' }).click()
  await page.getByRole('button', { name: 'Start', exact: true }).click()
  await expect(page).toHaveURL(/\/runs\/\w+$/)
  const run = await server.until(page.url().split('/').at(-1)!, 'done')
  expect(run.input).toEqual({ text: 'a memo', sign: null, marks: { a: 2 } })
})

test('an answer that is being written stands there once after the connection was lost', async ({ opened: page, server, context }) => {
  const id = await server.run('letter', { to: 'Ada', tone: 'warm', pages: 1 })
  // each look of a page that was hidden opens the stream anew
  await page.goto(`${server.url}/runs/${id}?step=draft`)
  const text = page.locator('.inspector .writing')
  await expect(text).toContainText('after the other. One word after')
  await hide(page, true)
  await hide(page, false)
  await expect(page.locator('.connection')).toHaveText('live')
  const whole = 'One word after the other. '.repeat(30)
  const seen = await page.evaluate(
    () =>
      new Promise<string[]>((done) => {
        const all: string[] = []
        const look = () => {
          const t = document.querySelector('.inspector .writing')?.textContent
          if (t === undefined && all.length > 0) return done(all)
          if (t) all.push(t)
          requestAnimationFrame(look)
        }
        look()
      }),
  )
  for (const t of seen) expect(whole.startsWith(t), t).toBe(true)
})

/** hide makes a page believe that it is in the background, or seen again. */
async function hide(page: Page, hidden: boolean) {
  await page.evaluate((hidden) => {
    Object.defineProperty(document, 'hidden', { configurable: true, get: () => hidden })
    document.dispatchEvent(new Event('visibilitychange'))
  }, hidden)
}

test('a page in the background holds no connection, and knows all when it is seen again', async ({ page, server }) => {
  await page.addInitScript(() => {
    const all: EventSource[] = ((window as any).sources = [])
    window.EventSource = class extends EventSource {
      constructor(url: string) {
        super(url)
        all.push(this)
      }
    }
  })
  const open = () => page.evaluate(() => (window as any).sources.filter((s: EventSource) => s.readyState !== 2).length)
  await page.goto(`${server.url}/?token=${server.token}`)
  await expect(page.locator('.connection')).toHaveText('live')
  expect(await open()).toBe(1)
  await hide(page, true)
  expect(await open()).toBe(0)
  const [id] = await addRuns(server, 1)
  await server.until(id!, 'done')
  await expect(page.getByText('There are no runs yet')).toBeVisible()
  await hide(page, false)
  await expect(page.locator('.run-row').getByText('done')).toBeVisible()
  expect(await open()).toBe(1)
})

test('a run that was removed, or cannot be read, is not shown as live', async ({ opened: page, server }) => {
  const id = await begin(server, 'ticking', { n: 20, pause: 0 })
  await server.until(id, 'done')
  await page.goto(`${server.url}/runs/${id}/steps`)
  await expect(page.locator('.run-head')).toContainText('20 of 20 done')
  await server.kill()
  await expect(page.locator('.connection')).toContainText('not connected')
  await server.start()
  await expect(page.locator('.connection')).toHaveText('live')
  await expect(page.locator('.trouble')).toHaveCount(0)
  await server.ask('DELETE', `/runs/${id}`)
  await server.kill()
  await server.start()
  await expect(page.getByText('This run was removed.')).toBeVisible()
  await expect(page.locator('.connection')).toHaveText('live')
  await expect(page.getByRole('group', { name: 'Controls of the run' })).toHaveCount(0)
  // a longer one under its name is another one
  expect(await begin(server, 'wide', { n: 40 })).toBe(id)
  await expect(page.getByRole('heading', { name: `wide ${id}` })).toBeVisible()
  await expect(page.getByText('This run was removed.')).toHaveCount(0)
  await expect(page.locator('.run-head').getByText('done', { exact: true })).toBeVisible()
  await expect(page.locator('.step-row', { hasText: 'tick' })).toHaveCount(0)
})

test('pages that could not be read are, without being touched, when the server is there again', async ({ opened: page, server }) => {
  const [id] = await addRuns(server, 1)
  await server.until(id!, 'done')
  await expect(page.locator('.run-row')).toBeVisible()
  await server.kill()
  for (const [link, heading] of [['Inbox', 'Inbox'], ['Costs', 'Costs'], ['Flows', 'Flows'], ['Runs', 'Runs']]) {
    await page.getByRole('navigation', { name: 'Places' }).getByRole('link', { name: link, exact: true }).click()
    await expect(page.getByRole('heading', { level: 1, name: heading })).toBeVisible()
    await expect(page.getByRole('alert')).toContainText('The server does not answer')
    await server.start()
    await expect(page.getByRole('alert')).toHaveCount(0)
    await expect(page.locator('[aria-busy=true]')).toHaveCount(0)
    await server.kill()
    await expect(page.locator('.connection')).toContainText('not connected')
  }
})

test('a broken address, and a browser that keeps nothing, break no page', async ({ opened: page, server }) => {
  await page.addInitScript(() => {
    Object.defineProperty(window, 'localStorage', {
      get: () => {
        throw new DOMException('denied', 'SecurityError')
      },
    })
  })
  await page.goto(`${server.url}/flows/%E0%A4`)
  await expect(page.getByRole('alert')).toBeVisible()
  await page.keyboard.press('r')
  await expect(page.getByRole('heading', { level: 1, name: 'Runs' })).toBeVisible()
  await page.getByRole('button', { name: /^Theme: system/ }).click()
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark')
})

test('who may only look is told so at New run, and who is let in no more learns how to be', async ({ opened: page, server }) => {
  const start = page.getByRole('navigation', { name: 'Places' }).getByText('New run')
  await expect(start).toHaveAttribute('href', '/start')
  const made = JSON.parse(execFileSync(resolve('test-results/scenes'), ['token', 'add', 'vera', '--role', 'viewer', '--json', '--data', server.dir]).toString())
  await page.setExtraHTTPHeaders({ Authorization: `Bearer ${made.token}` })
  await hide(page, true)
  await hide(page, false) // nothing is loaded anew: who looks is asked again with the stream
  await expect(start).toHaveAttribute('aria-disabled', 'true')
  await expect(start).not.toHaveAttribute('href')
  await page.keyboard.press('n')
  await expect(page.getByRole('heading', { level: 1, name: 'Runs' })).toBeVisible()
  await page.setExtraHTTPHeaders({ Authorization: 'Bearer none' })
  await hide(page, true)
  await hide(page, false)
  await expect(page.getByText('This browser is not let in')).toBeVisible()
  await page.setExtraHTTPHeaders({})
  await expect(page.getByText('This browser is not let in')).toHaveCount(0)
  await expect(start).toHaveAttribute('href', '/start')
})

test('the journal of a run shows what came while it was being read', async ({ opened: page, server }) => {
  const id = await server.run('ticking', { n: 40 })
  let held = 0
  await page.route(`**/runs/${id}/events*`, async (r) => {
    const res = await r.fetch()
    if (held++ === 0) await server.until(id, 'done') // what it says is old when it comes
    await r.fulfill({ response: res })
  })
  await page.goto(`${server.url}/runs/${id}/journal`)
  await expect(page.locator('.run-head').getByText('done', { exact: true })).toBeVisible()
  const { seq } = await server.ask('GET', `/runs/${id}/progress?since=0`)
  await expect(page.getByRole('list', { name: 'Events' })).toHaveCSS('height', `${seq * 34}px`)
})
