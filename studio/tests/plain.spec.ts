// What somebody who sees the page for the first time asks of it: what is this run, what came of
// it, and what can I do? Each of these was found by somebody who did.

import { expect, test, type Server } from './server'

/** sent begins a letter and has it sent. */
async function sent(server: Server, to: string): Promise<string> {
  const id = await server.run('letter', { to })
  const run = await server.until(id, 'waiting')
  await server.ask('POST', `/runs/${id}/decisions`, { key: 'send', what: 'approve', digest: run.blockers[0].digest })
  await server.until(id, 'done')
  return id
}

test('a run says what it is for, what went in and what came out', async ({ opened: page, server }) => {
  const id = await sent(server, 'Ada Lovelace')
  await page.goto(`${server.url}/runs/${id}`)
  await expect(page.locator('.run-head')).toContainText('Write a letter and have it approved.')
  await expect(page.locator('.run-head summary', { hasText: 'Input' })).toContainText('Ada Lovelace')
  await expect(page.locator('.run-head')).toContainText('a stand-in: answers are made up')
  const result = page.getByRole('region', { name: 'Result of the run' })
  await expect(result).toContainText('To Ada Lovelace')
  await result.getByRole('button', { name: 'Show all' }).click()
  await expect(result.getByText('copies')).toBeInViewport()
})

test('what a card says the head does not say again', async ({ opened: page, server }) => {
  const waits = await server.run('letter', { to: 'Ada' })
  await server.until(waits, 'waiting')
  await page.goto(`${server.url}/runs/${waits}`)
  await expect(page.getByRole('heading', { name: 'Send this letter?' })).toBeVisible()
  await expect(page.locator('.run-head')).not.toContainText('Send this letter?')
  await server.ask('POST', `/runs/${waits}/cancel`, { reason: 'not needed' })
  await expect(page.locator('.run-head')).toContainText('not needed') // which no card says
})

test('what a run wrote more than once is shown without being asked for', async ({ opened: page, server }) => {
  const id = await sent(server, 'Ada') // its first draft is turned down
  await page.goto(`${server.url}/runs/${id}/revisions`)
  await expect(page.getByRole('checkbox', { name: 'draft' })).toBeChecked()
  await expect(page.getByText('Too short.').first()).toBeVisible()
  await expect(page.getByRole('alert')).toHaveCount(0)
  const memo = await server.run('memo', { text: 'a memo', sign: null, marks: {} })
  await page.goto(`${server.url}/runs/${memo}/revisions`)
  await expect(page.getByText('Nothing in this run was written more than once.')).toBeVisible()
  await expect(page.getByRole('alert')).toHaveCount(0)
})

test('a run without a base is compared with one of its flow', async ({ opened: page, server }) => {
  const first = await sent(server, 'Ada')
  const second = await server.run('letter', { to: 'Bea' })
  await server.until(second, 'waiting')
  await page.goto(`${server.url}/runs/${second}`)
  await page.getByRole('link', { name: 'Compare' }).click()
  await expect(page.getByText('With which one is it to be compared?')).toBeVisible()
  await expect(page.getByRole('alert')).toHaveCount(0)
  await page.getByRole('link', { name: first }).click()
  await expect(page.getByText(`${second} has no result.`)).toBeVisible() // and not: its result was removed
})

test('a fault stands at its field until that is changed, and the help of a box stands below it', async ({ opened: page, server }) => {
  await page.goto(`${server.url}/start/letter`)
  await expect(page.getByText('is a stand-in, which makes its answers up')).toBeVisible()
  await page.getByRole('textbox', { name: 'pages' }).fill('12')
  await page.getByRole('button', { name: 'Start', exact: true }).click()
  await expect(page.locator('.field.wrong')).toHaveCount(2) // to is empty, and there are too many pages
  await page.getByLabel('to', { exact: true }).fill('Ada')
  await expect(page.locator('.field.wrong')).toHaveCount(1)
  const box = (await page.getByRole('checkbox', { name: 'urgent' }).boundingBox())!
  const help = (await page.getByText('whether it is sent at once').boundingBox())!
  expect(help.y).toBeGreaterThan(box.y)
})

test('a run that stops before each step is let on by one key', async ({ opened: page, server }) => {
  const id = await server.run('letter', { to: 'Ada' }, { step: true })
  await server.until(id, 'waiting')
  await page.goto(`${server.url}/runs/${id}`)
  await expect(page.getByRole('heading', { name: 'Go on with plan?' })).toBeVisible()
  await page.getByRole('button', { name: 'Continue' }).focus()
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { name: 'Go on with draft?' })).toBeVisible()
  await expect(page.getByRole('button', { name: 'Continue' })).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { name: 'Send this letter?' })).toBeVisible()
})

test('what is seen far down a list is as it stands, and what was removed is gone', async ({ opened: page, server }) => {
  const waits = await server.run('letter', { to: 'Ada' })
  const goes = await server.run('memo', { text: 'goes', sign: null, marks: {} })
  const run = await server.until(waits, 'waiting')
  for (let i = 0; i < 150; i++) await server.run('memo', { text: `memo ${i}`, sign: null, marks: {} })
  await page.goto(server.url)
  await expect(page.locator('.run-row').first()).toBeVisible()
  await page.evaluate(() => window.scrollTo(0, 5500))
  await expect(page.getByRole('list', { name: 'Runs' })).toHaveCSS('height', `${152 * 60}px`)
  await page.evaluate(() => window.scrollTo(0, document.documentElement.scrollHeight))
  await expect(page.locator('.run-row', { hasText: waits })).toContainText('Send this letter?')
  await server.ask('DELETE', `/runs/${goes}`)
  await server.ask('POST', `/runs/${waits}/decisions`, { key: 'send', what: 'approve', digest: run.blockers[0].digest })
  await expect(page.locator('.run-row', { hasText: waits }).getByText('done', { exact: true })).toBeVisible()
  await expect(page.locator('.run-row', { hasText: goes })).toHaveCount(0)
  await expect(page.getByRole('list', { name: 'Runs' })).toHaveCSS('height', `${151 * 60}px`)
})

test('source and walkthrough are read again after the server had too much to do', async ({ opened: page, server }) => {
  const id = await sent(server, 'Ada')
  let refused = 0
  const busy = (path: string) =>
    page.route(path, async (r) => {
      if (refused++ > 0) return r.continue()
      await r.fulfill({ status: 503, contentType: 'application/problem+json', body: '{"status":503,"detail":"too much to do"}' })
    })
  await busy('**/flows/letter/sources')
  await page.goto(`${server.url}/runs/${id}/source?step=draft`)
  await expect(page.getByRole('alert')).toContainText('too much to do')
  await expect(page.locator('.marked')).toContainText('"draft"')
  await expect(page.getByRole('alert')).toHaveCount(0)
  refused = 0
  await busy(`**/runs/${id}/steps/plan`)
  await page.goto(`${server.url}/runs/${id}/walkthrough?page=1`)
  await expect(page.getByRole('alert')).toContainText('too much to do')
  await expect(page.getByText('Its result')).toBeVisible()
  expect(refused).toBeGreaterThan(1)
})
