import { defineConfig } from '@playwright/test'
import tests from './playwright.config'

// What `scripts/studio.sh pictures` runs: it takes the pictures of the documentation anew.
export default defineConfig({ ...tests, testDir: 'measure', testMatch: 'pictures.spec.ts', retries: 0 })
