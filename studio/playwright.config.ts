import { defineConfig } from '@playwright/test'

// The tests open Debian's Chromium. Nothing here depends on how fast the machine is: the
// limits are for what hangs.
export default defineConfig({
  testDir: 'tests',
  globalSetup: './tests/build.ts',
  workers: 1,
  timeout: 180_000,
  expect: { timeout: 60_000 },
  reporter: [['list']],
  forbidOnly: true,
  // What passes only the second time is named as flaky in the summary.
  retries: 1,
  use: {
    launchOptions: { executablePath: process.env.CHROMIUM || '/usr/bin/chromium', args: ['--no-sandbox'] },
    viewport: { width: 1280, height: 900 },
    actionTimeout: 20_000,
    navigationTimeout: 60_000,
    trace: 'off',
  },
})
