// What was spent, and who may do something about it.

import { execFileSync } from 'node:child_process'
import { resolve } from 'node:path'
import { expect, test } from './server'

test('costs are added up by day, flow and model, beside limits', async ({ opened: page, server }) => {
  await page.goto(server.url + '/costs')
  await expect(page.getByText('No model call has ended then.')).toBeVisible()
  const id = await server.run('letter', { to: 'Ada' })
  await server.until(id, 'waiting')
  await server.ask('PUT', '/limits/day', { limit: { calls: 50 } })
  await page.reload()
  await expect(page.getByRole('table', { name: 'By flow' }).getByRole('row', { name: /^letter/ })).toBeVisible()
  const sums = await server.ask('GET', '/costs?by=model')
  await expect(page.getByRole('table', { name: 'By model' }).getByRole('row')).toHaveCount(sums.sums.length + 1)
  await expect(page.getByRole('table', { name: 'By day' }).getByRole('row')).toHaveCount(2)
  await expect(page.getByText('0 of 50 calls')).toBeVisible()
  await page.getByRole('link', { name: 'letter' }).click()
  await expect(page).toHaveURL(/flow=letter/)
  await page.getByRole('combobox', { name: 'Flow' }).selectOption('wide')
  await expect(page.getByText('No model call has ended then.')).toBeVisible()
})

test('what was written into a cache has a column where anything was', async ({ opened: page, server }) => {
  const id = await server.run('letter', { to: 'Ada' })
  await server.until(id, 'waiting')
  await page.goto(server.url + '/costs')
  const table = page.getByRole('table', { name: 'By model' })
  await expect(table.getByRole('columnheader', { name: 'Cached' })).toBeVisible()
  await expect(table.getByRole('columnheader', { name: 'Written' })).toHaveCount(0)
  await page.route('**/api/v1/costs?*', async (route) => {
    const response = await route.fetch()
    const report = await response.json()
    for (const sum of [report.total, ...report.sums]) sum.cache_write_tokens += 1234
    await route.fulfill({ response, json: report })
  })
  await page.reload()
  await expect(table.getByRole('columnheader', { name: 'Written' })).toBeVisible()
  await expect(table.getByRole('row').nth(1).getByRole('cell', { name: '1,234', exact: true })).toBeVisible()
  await expect(page.getByText('1,234 written into the cache')).toBeVisible()
})

test('who may only look sees why nothing else can be done', async ({ opened: page, server }) => {
  const id = await server.run('letter', { to: 'Ada' })
  await server.until(id, 'waiting')
  const made = JSON.parse(execFileSync(resolve('test-results/scenes'), ['token', 'add', 'vera', '--role', 'viewer', '--json', '--data', server.dir]).toString())
  await page.setExtraHTTPHeaders({ Authorization: `Bearer ${made.token}` })
  await page.goto(`${server.url}/runs/${id}`)
  await expect(page.getByText('You look as vera with the role viewer').first()).toBeVisible()
  for (const name of ['Approve …', 'Pause', 'Cancel']) await expect(page.getByRole('button', { name, exact: true })).toBeDisabled()
  await expect(page.getByRole('link', { name: 'Compare' })).toBeVisible()
  await page.goto(`${server.url}/start/letter`)
  await expect(page.getByRole('button', { name: 'Start', exact: true })).toBeDisabled()
  await page.setExtraHTTPHeaders({})
  await page.reload()
  await expect(page.getByRole('button', { name: 'Start', exact: true })).toBeEnabled()
})

test('who may start runs, and no more, can do that', async ({ opened: page, server }) => {
  const id = await server.run('letter', { to: 'Ada' })
  await server.until(id, 'waiting')
  const made = JSON.parse(execFileSync(resolve('test-results/scenes'), ['token', 'add', 'stella', '--role', 'starter', '--json', '--data', server.dir]).toString())
  await page.setExtraHTTPHeaders({ Authorization: `Bearer ${made.token}` })
  await page.goto(`${server.url}/runs/${id}`)
  for (const name of ['Approve …', 'Pause', 'Cancel']) await expect(page.getByRole('button', { name, exact: true })).toBeDisabled()
  await page.goto(`${server.url}/start/letter`)
  await page.getByRole('button', { name: 'Fill in the example' }).click()
  await page.getByRole('button', { name: 'Start', exact: true }).click()
  await expect(page).toHaveURL(/\/runs\/[^/]+$/)
})
