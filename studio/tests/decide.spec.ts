import { expect, test } from './server'

test('a run is started by its form, watched, and approved with an edit', async ({ opened: page, server }) => {
  await page.getByRole('link', { name: 'New run' }).click()
  await page.getByLabel('Flow', { exact: true }).selectOption('letter')
  await page.getByRole('button', { name: 'Start' }).click()
  const to = page.getByLabel('to', { exact: true })
  await expect(to).toHaveAttribute('aria-invalid', 'true') // the server's fault stands at its field
  await to.fill('Ada')
  await page.getByLabel('pages').fill('twelve')
  await page.getByRole('button', { name: 'Start' }).click()
  await expect(page.getByLabel('pages')).toHaveAttribute('aria-invalid', 'true')
  await page.getByLabel('pages').fill('2')
  await page.getByLabel('tone').selectOption('warm')
  await page.getByRole('button', { name: 'Start' }).click()
  await expect(page).toHaveURL(/\/runs\/\w+$/)
  const id = page.url().split('/').at(-1)!
  // pieces of the answer come before it is there
  await expect(page.locator('.writing').first()).toContainText('One word')
  await expect(page.getByRole('heading', { name: 'Send this letter?' })).toBeVisible()
  await page.getByRole('button', { name: 'Approve …' }).click()
  await page.getByLabel('Change it before it is approved').check()
  await page.getByLabel('copies').fill('9')
  await page.getByRole('button', { name: 'Approve', exact: true }).click()
  await expect(page.getByLabel('copies')).toHaveAttribute('aria-invalid', 'true') // and the run still waits
  await page.getByLabel('copies').fill('2')
  await page.getByLabel('subject').fill('Dear Ada')
  await page.getByRole('button', { name: 'Approve', exact: true }).click()
  await expect(page.locator('.run-head').getByText('done', { exact: true })).toBeVisible()
  const run = await server.ask('GET', `/runs/${id}`)
  expect(run.output).toMatchObject({ subject: 'Dear Ada', copies: 2 }) // a number is still one
})

test('a rejection with its reason', async ({ opened: page, server }) => {
  const id = await server.run('letter', { to: 'Ada' })
  await server.until(id, 'waiting')
  await page.goto(`${server.url}/inbox`)
  await page.getByRole('button', { name: 'Reject …' }).click()
  await page.getByLabel('Reason').selectOption('wrong tone')
  await page.getByLabel('Comment').fill('warmer, please')
  await page.getByRole('button', { name: 'Reject', exact: true }).click()
  await expect(page.getByText('Nothing waits for a person.')).toBeVisible()
  const run = await server.until(id, 'failed', 'done', 'waiting', 'canceled')
  expect(run.decisions[0]).toMatchObject({ what: 'reject', reason: 'wrong tone', comment: 'warmer, please' })
})

test('of two pages that decide at once one learns who was first', async ({ opened: page, server, context }) => {
  const id = await server.run('letter', { to: 'Ada' })
  await server.until(id, 'waiting')
  await page.goto(`${server.url}/runs/${id}`)
  const other = await context.newPage()
  await other.goto(`${server.url}/runs/${id}`)
  for (const p of [page, other]) {
    await p.getByRole('button', { name: 'Approve …' }).click()
    await expect(p.getByRole('button', { name: 'Approve', exact: true })).toBeVisible()
  }
  // the second has not heard of the first's decision when it decides
  await other.route('**/progress*', (r) => r.abort())
  await page.getByRole('button', { name: 'Approve', exact: true }).click()
  await expect(page.locator('.run-head').getByText('done', { exact: true })).toBeVisible()
  await other.getByRole('button', { name: 'Approve', exact: true }).click()
  await expect(other.locator('.decide').getByRole('alert')).toContainText('decided: approve')
  const run = await server.ask('GET', `/runs/${id}`)
  expect(run.decisions).toHaveLength(1)
})

test('a run is paused, guided, resumed and canceled, each with its command line', async ({ opened: page, server }) => {
  const id = await server.run('ticking', { n: 2000 })
  await page.goto(`${server.url}/runs/${id}`)
  const head = page.locator('.run-head')
  await head.getByRole('button', { name: 'Pause' }).click()
  await expect(page.getByRole('dialog').getByText(`pawl pause ${id}`)).toBeVisible()
  await page.getByRole('button', { name: 'Pause the run' }).click()
  await expect(head.getByText('paused', { exact: true })).toBeVisible()
  await head.getByRole('button', { name: 'Guide' }).click()
  await page.getByRole('textbox', { name: 'What its models are to be told' }).fill('Go slowly.')
  await page.getByRole('button', { name: 'Guide the run' }).click()
  await expect(page.getByRole('dialog')).toBeHidden()
  await head.getByRole('button', { name: 'Resume' }).click()
  await page.getByRole('button', { name: 'Resume the run' }).click()
  await expect(head.getByText('running', { exact: true })).toBeVisible()
  await head.getByRole('button', { name: 'Cancel' }).click()
  await page.getByLabel('Why').fill('enough')
  await page.getByRole('button', { name: 'Cancel the run' }).click()
  await expect(head.getByText('canceled', { exact: true })).toBeVisible()
  await expect(head.getByText('Guidance Go slowly.')).toBeVisible()
  const run = await server.ask('GET', `/runs/${id}`)
  expect(run.guidance[0].text).toBe('Go slowly.')
})

test('a step that fails can be given its result', async ({ opened: page, server }) => {
  const id = await server.run('broken', {})
  await server.until(id, 'failed', 'waiting')
  await page.goto(`${server.url}/runs/${id}`)
  await expect(page.locator('.gates').first()).toContainText('is not good enough') // it opens on what failed
  await page.getByRole('button', { name: 'Give its result …' }).click()
  await page.getByRole('textbox').first().fill('By hand.')
  await page.getByRole('button', { name: 'Give its result', exact: true }).click()
  await server.until(id, 'done', 'failed', 'waiting')
  await expect(page.getByRole('alert').or(page.locator('.run-head').getByText('done', { exact: true })).first()).toBeVisible()
})

test('a run is forked from a step, and compared with its base', async ({ opened: page, server }) => {
  const id = await server.run('letter', { to: 'Ada' })
  await server.until(id, 'waiting')
  await page.goto(`${server.url}/runs/${id}?step=draft`)
  await page.locator('.run-head').getByRole('button', { name: 'Fork' }).click()
  await page.getByRole('button', { name: 'What would be done?' }).click()
  await expect(page.getByText(/1 step taken over/)).toBeVisible()
  await page.getByRole('dialog').getByRole('button', { name: 'Fork' }).click()
  await expect(page).not.toHaveURL(new RegExp(id))
  await expect(page.getByRole('heading', { name: 'Send this letter?' })).toBeVisible()
  await page.getByRole('link', { name: 'Compare', exact: true }).click()
  await expect(page.getByRole('heading', { name: 'Steps' })).toBeVisible()
  await expect(page.getByText('reused', { exact: true }).or(page.getByText('same', { exact: true })).first()).toBeVisible()
})

test('a run is led past every kind of blocker, and a large number stays exact', async ({ opened: page, server }) => {
  const number = '9007199254740993' // no JavaScript number
  const res = await fetch(`${server.url}/api/v1/runs`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${server.token}`, 'Content-Type': 'application/json' },
    body: `{"flow": "errand", "input": {"to": "Ada", "number": ${number}}, "budget": {"calls": 1}}`,
  })
  const id = (await res.json()).id
  await page.goto(`${server.url}/runs/${id}`)
  const act = (name: string) => page.getByRole('button', { name, exact: true })
  await act('Answer …').click()
  await page.getByRole('textbox', { name: 'Value' }).fill('To the door.')
  await act('Answer').click()
  await act('Try again …').click()
  await act('Try again').click()
  await act('Raise the budget …').click()
  await expect(page.getByLabel('Calls in all')).toBeFocused() // what is spent is what is raised
  await page.getByLabel('Calls in all').fill('5')
  await act('Raise the budget').click()
  await act('Approve …').click()
  await page.getByLabel('Change it before it is approved').check()
  await expect(page.getByLabel('number')).toHaveValue(number)
  await page.getByLabel('to', { exact: true }).fill('Bea')
  await act('Approve').click()
  await expect(page.locator('.run-head').getByText('done', { exact: true })).toBeVisible()
  const raw = await (await fetch(`${server.url}/api/v1/runs/${id}`, { headers: { Authorization: `Bearer ${server.token}` } })).text()
  expect(raw).toMatch(new RegExp(`"output":\\s*{"to":\\s*"Bea",\\s*"number":\\s*${number}`))
})

test('a run is done again with another input, and forked with a result of one’s own', async ({ opened: page, server }) => {
  const id = await server.run('letter', { to: 'Ada' })
  await server.until(id, 'waiting')
  await page.goto(`${server.url}/runs/${id}?step=draft`)
  await page.locator('.run-head').getByRole('button', { name: 'Fork' }).click()
  await page.getByLabel('Give the step’s result').check()
  await page.getByRole('dialog').getByRole('textbox', { name: /Value|result/ }).fill('Short.')
  await page.getByRole('dialog').getByRole('button', { name: 'Fork' }).click()
  await expect(page.getByRole('dialog').getByRole('alert')).toContainText('has 6 characters') // checked like any answer
  await page.getByRole('dialog').getByRole('textbox', { name: /Value|result/ }).fill('A letter in words of my own.')
  await page.getByRole('dialog').getByRole('button', { name: 'Fork' }).click()
  await expect(page).not.toHaveURL(new RegExp(id))
  await expect(page.locator('.proposal')).toContainText('A letter in words of my own.')

  await page.getByRole('button', { name: 'Cancel', exact: true }).click()
  await page.getByRole('button', { name: 'Cancel the run', exact: true }).click()
  await page.locator('.run-head').getByRole('button', { name: 'Rerun' }).click()
  await page.getByLabel('With another input').check()
  await page.getByRole('dialog').getByLabel('to', { exact: true }).fill('')
  await page.getByRole('dialog').getByRole('button', { name: 'Rerun' }).click()
  await expect(page.getByRole('dialog').getByLabel('to', { exact: true })).toHaveAttribute('aria-invalid', 'true')
  await page.getByRole('dialog').getByLabel('to', { exact: true }).fill('Bea')
  await expect(page.getByRole('dialog').getByText(/pawl rerun \w+ --set to=Bea/)).toBeVisible()
  await page.getByRole('dialog').getByRole('button', { name: 'Rerun' }).click()
  await expect(page.locator('.proposal')).toContainText('To Bea')
})

test('a budget is raised as it is proposed', async ({ opened: page, server }) => {
  const id = await server.run('letter', { to: 'Ada' }, { budget: { calls: 2 } })
  await server.until(id, 'waiting')
  await page.goto(`${server.url}/runs/${id}`)
  await page.getByRole('button', { name: 'Raise the budget …' }).click()
  await expect(page.getByLabel('Calls in all')).toHaveValue('4')
  await page.getByRole('button', { name: 'Raise the budget', exact: true }).click()
  await expect(page.getByRole('heading', { name: 'Send this letter?' })).toBeVisible()
  const run = await server.ask('GET', `/runs/${id}`)
  expect(run.budget.limit.calls).toBe(4)
})

test('at a limit on many runs a raise is for the run alone, and says so', async ({ opened: page, server }) => {
  await server.ask('PUT', '/limits/day', { limit: { calls: 0 } })
  const id = await server.run('letter', { to: 'Ada' })
  await server.until(id, 'waiting')
  await page.goto(`${server.url}/runs/${id}`)
  await expect(page.locator('.blocker').getByText('waits at a limit on many runs')).toBeVisible()
  await page.locator('.run-head').getByRole('button', { name: 'Budget' }).click()
  const dialog = page.getByRole('dialog')
  await expect(dialog.getByText('all runs together may make 0 calls a day')).toBeVisible()
  await dialog.getByLabel('Calls in all').fill('2')
  const { digest } = (await server.ask('GET', `/runs/${id}`)).blockers[0]
  await expect(dialog.getByText(`pawl raise ${id} --seen ${digest.slice(7, 19)} --budget-calls 2`)).toBeVisible()
  await dialog.getByRole('button', { name: 'Set the budget' }).click()
  await expect(dialog).toBeHidden()
  // the third call stands at it again, and is let go on as is proposed there
  await expect.poll(async () => (await server.ask('GET', `/runs/${id}`)).blockers.map((b: { digest: string }) => b.digest)).not.toEqual([digest])
  await server.until(id, 'waiting')
  await page.reload() // what stands there now is the new question
  await page.getByRole('button', { name: 'Raise the budget …' }).click()
  await expect(page.getByLabel('Calls beyond the limit, in all')).toHaveValue('3')
  await page.getByRole('button', { name: 'Raise the budget', exact: true }).click()
  await expect(page.getByRole('heading', { name: 'Send this letter?' })).toBeVisible()
  const run = await server.ask('GET', `/runs/${id}`)
  expect(run.budget).toBeNull()
})
