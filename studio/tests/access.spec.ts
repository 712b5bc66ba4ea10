// Everybody can use it: checked by axe in both themes, and by keys alone.

import AxeBuilder from '@axe-core/playwright'
import { expect, test } from './server'

for (const theme of ['light', 'dark'] as const) {
  test(`axe finds nothing on any page, ${theme}`, async ({ opened: page, server }) => {
    test.setTimeout(900_000)
    await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' })
    const check = async (where: string) => {
      const found = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']).analyze()
      expect(found.violations.map((v) => `${where}: ${v.id}: ${v.nodes.map((n) => n.html.slice(0, 160)).join(' | ')}`)).toEqual([])
    }
    await expect(page.getByText('There are no runs yet')).toBeVisible()
    await check('no runs')
    const done = await server.run('wide', { n: 3 })
    const failed = await server.run('broken', {})
    const waits = await server.run('letter', { to: 'Ada' }, { budget: { calls: 9 } })
    await server.until(done, 'done')
    await server.until(failed, 'failed', 'waiting')
    await server.until(waits, 'waiting')
    const places = ['/', '/?search=none', '/inbox', '/start', '/start/letter', '/flows', '/flows/letter', '/flows/letter/source', '/flows/letter/call', '/flows/letter/sandbox', '/costs', '/costs?since=all&flow=letter', `/compare?a=${done}&b=${failed}`, '/nowhere', '/runs/none']
    places.push(`/runs/${done}`, `/runs/${failed}`, `/runs/${failed}/revisions`)
    for (const tab of ['', '/timeline', '/steps', '/revisions', '/source', '/journal', '/walkthrough']) places.push(`/runs/${waits}${tab}`)
    for (const place of places) {
      await page.goto(server.url + place)
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
      await expect(page.locator('[aria-busy=true]')).toHaveCount(0)
      await check(place)
    }
    await page.goto(`${server.url}/runs/${waits}`)
    await page.getByRole('button', { name: 'Approve …' }).click()
    await page.getByLabel('Change it before it is approved').check()
    await check('approving')
    await page.locator('.run-head').getByRole('button', { name: 'Budget' }).click()
    await check('a dialog')
  })
}

test('nothing is cut off at 320 pixels', async ({ opened: page, server }) => {
  const id = await server.run('letter', { to: 'Ada' })
  await server.until(id, 'waiting')
  await page.setViewportSize({ width: 320, height: 700 })
  for (const place of ['/', '/inbox', '/start/letter', '/flows', '/flows/letter', '/costs', `/runs/${id}`, `/runs/${id}/timeline`, `/runs/${id}/steps`, `/runs/${id}/journal`, `/runs/${id}/walkthrough`, `/runs/${id}/source`]) {
    await page.goto(server.url + place)
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
    await expect(page.locator('[aria-busy=true]')).toHaveCount(0)
    expect(await page.evaluate(() => document.documentElement.scrollWidth), place).toBeLessThanOrEqual(320)
  }
})

test('by keys alone: find what waits, read it, edit it, approve it', async ({ opened: page, server }) => {
  const id = await server.run('letter', { to: 'Ada' })
  await server.until(id, 'waiting')
  await page.goto(server.url)
  await expect(page.locator('.run-row')).toBeVisible()
  await page.keyboard.press('i')
  await expect(page.getByRole('heading', { name: 'Send this letter?' })).toBeVisible()
  const tabTo = async (name: string | RegExp) => {
    for (let n = 0; n < 60; n++) {
      await page.keyboard.press('Tab')
      const at = page.locator(':focus')
      const label = await at.evaluate((e) => (e as HTMLInputElement).labels?.[0]?.textContent || e.getAttribute('aria-label') || e.textContent || '')
      const seen = await at.evaluate((e) => getComputedStyle(e).outlineStyle !== 'none')
      expect(seen, `the focus is seen on ${label}`).toBe(true)
      if (typeof name === 'string' ? label.trim() === name : name.test(label)) return
    }
    throw new Error(`no key leads to ${name}`)
  }
  await tabTo('Approve …')
  await page.keyboard.press('Enter')
  await expect(page.getByLabel('Change it before it is approved')).toBeVisible()
  await page.getByLabel('Change it before it is approved').focus()
  await page.keyboard.press('Space')
  await page.keyboard.press('Tab') // the fields are below it
  await page.keyboard.press('Control+A')
  await page.keyboard.type('By hand')
  await tabTo('Approve')
  await page.keyboard.press('Enter')
  const run = await server.until(id, 'done')
  expect(run.output.subject).toBe('By hand')
})
