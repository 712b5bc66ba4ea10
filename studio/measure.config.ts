import { defineConfig } from '@playwright/test'
import tests from './playwright.config'

// What `scripts/studio.sh measure` runs: it says figures, and holds them to nothing but that
// the page shows what it should.
export default defineConfig({ ...tests, testDir: 'measure', testMatch: 'measure.spec.ts', retries: 0, timeout: 3_600_000 })
