// Takes the pictures of the documentation: the pages with runs of the stand-in, in both themes,
// on a desk and on a phone.

import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, test, type Page } from '@playwright/test'
import { Server } from '../tests/server'

const program = resolve('test-results/pawl')
const images = resolve('../docs/images')

test('pictures', async ({ browser }) => {
  execFileSync('go', ['build', '-o', program, '../cmd/pawl'], { stdio: 'inherit' })
  mkdirSync(images, { recursive: true })
  const s = new Server(program)
  try {
    await s.start()
    const done = await s.run('blog', { topic: 'Why small steps work' }, { model: 'offline?malformed=1&latency=300ms' })
    await s.until(done, 'done')
    const failed = await s.run('article', { topic: 'Rivers that flow backwards' }, { model: 'offline?malformed=9' })
    await s.until(failed, 'failed', 'waiting')
    const waits = await s.run('blog', { topic: 'The impact of AI on software development', parallel: true, approve: true }, { model: 'offline?malformed=1', budget: { calls: 20 } })
    await s.until(waits, 'waiting')
    for (const theme of ['light', 'dark'] as const)
      for (const [device, width, height] of [['desk', 1280, 900], ['phone', 390, 844]] as const) {
        const context = await browser.newContext({ viewport: { width, height }, colorScheme: theme })
        const page = await context.newPage()
        await page.goto(`${s.url}/?token=${s.token}`)
        const views: [string, string, string][] = [
          ['flow', `/runs/${waits}`, '.picture'],
          ['inbox', '/inbox', '.blocker'],
        ]
        if (device === 'desk')
          views.push(
            ['step', `/runs/${done}/steps?step=review`, '.inspector'],
            ['timeline', `/runs/${done}/timeline`, '.timeline'],
            ['walkthrough', `/runs/${done}/walkthrough?page=1`, 'main h2'],
          )
        for (const [name, path, what] of views) await shoot(page, `${s.url}${path}`, what, `${images}/${name}-${device}-${theme}.png`)
        await context.close()
      }
  } finally {
    await s.remove()
  }
})

async function shoot(page: Page, url: string, what: string, path: string) {
  await page.goto(url)
  await expect(page.locator(what).first()).toBeVisible()
  await page.waitForTimeout(500) // what is read beside
  await page.screenshot({ path })
}
