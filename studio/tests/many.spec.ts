import { type Page } from '@playwright/test'
import { expect, test, type Server } from './server'

/** told collects the names of what the page's stream tells, which is open when it returns. */
async function told(page: Page): Promise<string[]> {
  const all: string[] = []
  const devtools = await page.context().newCDPSession(page)
  devtools.on('Network.eventSourceMessageReceived', (m) => all.push(m.eventName))
  await devtools.send('Network.enable')
  const open = page.waitForResponse(/\/api\/v1\/stream/)
  await page.reload()
  await open
  return all
}

/** unseen has a page hidden while a function is done: then it does not listen. */
async function unseen(page: Page, f: () => Promise<void>) {
  const hide = (hidden: boolean) =>
    page.evaluate((hidden) => {
      Object.defineProperty(document, 'hidden', { value: hidden, configurable: true })
      document.dispatchEvent(new Event('visibilitychange'))
    }, hidden)
  await hide(true)
  await f()
  await hide(false)
}

/** crowd has more runs made than are listed one by one. */
async function crowd(server: Server) {
  for (let i = 0; i < 110; i++) await server.run('ticking', { n: 1 })
}

async function approve(server: Server, id: string) {
  const run = await server.until(id, 'waiting')
  await server.ask('POST', `/runs/${id}/decisions`, { key: run.blockers[0].key, what: 'approve', digest: run.blockers[0].digest })
  await server.until(id, 'done')
}

for (const [name, path] of [
  ['steps', '/steps'],
  ['journal', '/journal'],
]) {
  test(`a run's ${name} follow it where too many runs change to be listed`, async ({ opened: page, server }) => {
    const events = await told(page)
    const id = await server.run('letter', { to: 'Ada' })
    await expect(page.locator('.run-row').getByText('waiting')).toBeVisible() // the stream has something to go on from
    await page.locator(`a[href="/runs/${id}"]`).click()
    await page.locator(`a[href="/runs/${id}${path}"]`).click()
    await expect(page.locator('.run-head').getByText('waiting', { exact: true })).toBeVisible()
    await expect.poll(() => events).toContain('changed')
    events.length = 0
    await unseen(page, async () => {
      await approve(server, id)
      await crowd(server)
    })
    await expect(page.locator('.run-head').getByText('done', { exact: true })).toBeVisible()
    if (name === 'journal') await expect(page.locator('.event-row').getByText('done', { exact: true }).last()).toBeVisible()
    expect(events).toContain('many')
    expect(events).not.toContain('reset')
  })
}

test('the list of runs and the inbox follow what happens where too many runs change to be listed', async ({ opened: page, server }) => {
  const events = await told(page)
  const first = await server.run('letter', { to: 'Ada' })
  await expect(page.locator('.run-row').getByText('waiting')).toBeVisible()
  await expect(page.getByRole('link', { name: /Inbox/ })).toContainText('1')
  await expect.poll(() => events).toContain('changed')
  let last = ''
  await unseen(page, async () => {
    await approve(server, first)
    for (const to of ['Bea', 'Cleo']) await server.until(await server.run('letter', { to }), 'waiting')
    await crowd(server)
    await server.until((last = await server.run('letter', { to: 'Dora' })), 'waiting')
  })
  await expect(page.locator(`a[href="/runs/${last}"]`)).toBeVisible()
  await expect(page.getByRole('link', { name: /Inbox/ })).toContainText('3')
  expect(events).toContain('many')
  expect(events).not.toContain('reset')
})
