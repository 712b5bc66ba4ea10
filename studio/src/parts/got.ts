import { useEffect, useState } from 'preact/hooks'
import { get, mayPass } from '../api'
import { listen, soon } from '../live'

/** useGot is what the server has at a path, or why that is not known; with an empty path neither.
 * What failed and may pass is asked for again by itself, and anything that failed when the stream
 * opens. With another version what is there is asked for anew. */
export function useGot<T>(path: string, version?: unknown): [T | null, unknown] {
  const [got, setGot] = useState<{ path: string; value: T | null; error: unknown }>({ path, value: null, error: null })
  useEffect(() => {
    if (!path) return
    let gone = false
    let failed = false
    const ask = soon(async () => {
      if (gone) return
      failed = false
      try {
        const value = await get<T>(path)
        if (!gone) setGot({ path, value, error: null })
      } catch (error) {
        failed = true
        if (!gone) setGot({ path, value: null, error })
        return mayPass(error)
      }
    }, 1000)
    ask()
    const stop = listen({ reset: () => failed && ask() })
    return () => {
      gone = true
      stop()
    }
  }, [path, version])
  return got.path === path ? [got.value, got.error] : [null, null]
}
