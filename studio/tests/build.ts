import { execFileSync } from 'node:child_process'

/** The program that the tests open is built once. */
export default function build() {
  execFileSync('go', ['build', '-o', 'test-results/scenes', './scenes'], { stdio: 'inherit' })
}
