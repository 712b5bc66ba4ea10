import { useEffect, useRef, useState } from 'preact/hooks'
import { get } from '../api'
import { listen } from '../live'

/** useGot is what the server has at a path, or why that is not known; with an empty path neither.
 * What failed is asked for again when the stream opens. */
export function useGot<T>(path: string): [T | null, unknown] {
  const [got, setGot] = useState<{ path: string; value: T | null; error: unknown }>({ path, value: null, error: null })
  const failed = useRef(false)
  useEffect(() => {
    if (!path) return
    let gone = false
    const ask = () => {
      failed.current = false
      get<T>(path).then(
        (value) => !gone && setGot({ path, value, error: null }),
        (error) => !gone && ((failed.current = true), setGot({ path, value: null, error })),
      )
    }
    ask()
    const stop = listen({ reset: () => failed.current && ask() })
    return () => {
      gone = true
      stop()
    }
  }, [path])
  return got.path === path ? [got.value, got.error] : [null, null]
}
