import { expect, test } from './server'

test('the server is killed and started again under an open page', async ({ opened: page, server }) => {
  const id = await server.run('ticking', { n: 400 })
  await page.goto(`${server.url}/runs/${id}/steps`)
  await expect(page.locator('.run-head').getByText('running', { exact: true })).toBeVisible()
  await server.kill()
  await expect(page.locator('.connection')).toContainText('not connected')
  await server.start()
  await expect(page.locator('.connection')).toHaveText('live') // nobody has touched the page
  await expect(page.locator('.run-head').getByText('done', { exact: true })).toBeVisible()
  const run = await server.ask('GET', `/runs/${id}`)
  expect(run.steps).toHaveLength(400)
  await expect(page.locator('.run-head')).toContainText('400 of 400 done')
})

test('a page that is loaded again in the middle goes on', async ({ opened: page, server }) => {
  const id = await server.run('ticking', { n: 200 })
  await page.goto(`${server.url}/runs/${id}/steps`)
  await expect(page.locator('.step-row').first()).toBeVisible()
  await page.reload()
  await expect(page.locator('.run-head').getByText('done', { exact: true })).toBeVisible()
  await expect(page.locator('.run-head')).toContainText('200 of 200 done')
})

test('the list of runs and the inbox follow what happens elsewhere', async ({ opened: page, server }) => {
  await expect(page.getByText('There are no runs yet')).toBeVisible()
  const id = await server.run('letter', { to: 'Ada' })
  await expect(page.locator('.run-row').getByText('waiting')).toBeVisible()
  await expect(page.getByRole('link', { name: /Inbox/ })).toContainText('1')
  await page.getByRole('searchbox').fill('nothing like it')
  await expect(page.getByText('No run is like that.')).toBeVisible()
  expect(page.url()).toContain('search=nothing')
  await page.getByRole('button', { name: 'Show all' }).click()
  await expect(page.locator(`a[href="/runs/${id}"]`)).toBeVisible()
})

test('what a model says is shown, and does nothing', async ({ opened: page, server }) => {
  const id = await server.run('hostile', {})
  await server.until(id, 'waiting')
  for (const tab of ['', '/steps', '/revisions', '/journal', '/walkthrough?page=1']) {
    await page.goto(`${server.url}/runs/${id}${tab}`)
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
    await expect(page.getByText('<script>document.title').first().or(page.locator('.event-row').first())).toBeVisible()
    expect(await page.locator('main img, main script, main a[href^="javascript"]').count()).toBe(0)
    expect(await page.title()).not.toContain('taken')
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true)
  }
  await page.goto(`${server.url}/inbox`)
  await expect(page.getByRole('heading', { name: /Is <img/ })).toBeVisible()
})

test('a run is told step by step', async ({ opened: page, server }) => {
  const id = await server.run('letter', { to: 'Ada' })
  await server.until(id, 'waiting')
  await page.goto(`${server.url}/runs/${id}/walkthrough`)
  await expect(page.getByText('what is sent cannot be taken back')).toBeVisible() // the flow's own words
  for (const title of ['Planning the letter', 'Writing the letter']) {
    await page.getByRole('button', { name: 'Next' }).click()
    await expect(page.getByRole('heading', { name: title })).toBeVisible()
    for (const part of ['What you see', 'What the system does', 'Why it matters']) await expect(page.getByText(part, { exact: true })).toBeVisible()
  }
  await expect(page.getByText('1 answer did not pass')).toBeVisible()
  await page.getByRole('button', { name: 'Back' }).click()
  await expect(page.getByRole('heading', { name: 'Planning the letter' })).toBeVisible()
})

test('in the sandbox each step is seen before it runs', async ({ opened: page, server }) => {
  await page.goto(`${server.url}/flows/letter/sandbox`)
  await page.getByRole('button', { name: 'Fill in the example' }).click()
  await page.getByLabel('tone').selectOption('plain')
  await page.getByRole('button', { name: 'Start' }).click()
  await expect(page.getByText('Plan a letter to Ada.').first()).toBeVisible() // what is about to leave
  await page.getByRole('button', { name: 'Continue', exact: true }).click()
  await expect(page.getByText('plain: An answer').first()).toBeVisible()
  const id = /\/runs\/(\w+)/.exec(page.url())![1]!
  const run = await server.ask('GET', `/runs/${id}`)
  expect(run.steps.map((s: any) => s.status)).toContain('waiting')
})

test('flows are drawn, and their source is shown at the step', async ({ opened: page, server }) => {
  await page.goto(`${server.url}/flows/letter`)
  await expect(page.getByRole('figure')).toContainText('draft')
  const id = await server.run('letter', { to: 'Ada' })
  await server.until(id, 'waiting')
  await page.goto(`${server.url}/runs/${id}/source?step=draft`)
  await expect(page.locator('.marked')).toContainText('"draft"')
  await page.goto(`${server.url}/runs/${id}/journal`)
  await page.getByRole('button', { name: 'Verify' }).click()
  await expect(page.getByText('follow from one another')).toBeVisible()
})

test('a run of many branches is folded to counts, the failed first', async ({ opened: page, server }) => {
  const id = await server.run('wide', { n: 1000, fails: true })
  await server.until(id, 'failed', 'waiting')
  await page.goto(`${server.url}/runs/${id}`)
  const node = page.getByRole('button', { name: /Step work: failed/ })
  await expect(node).toContainText('999 of 1000 done, 1 failed')
  await node.click()
  await expect(page.locator('.inspector')).toContainText('items[500]/work')
})
