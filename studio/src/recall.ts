// What the browser keeps for the page. Where it keeps nothing, it is forgotten when the page closes.

const kept = new Map<string, string>()

export function recall(name: string): string | null {
  try {
    return localStorage.getItem(name)
  } catch {
    return kept.get(name) ?? null
  }
}

export function remember(name: string, value: string) {
  kept.set(name, value)
  try {
    localStorage.setItem(name, value)
  } catch {
    // it is kept here
  }
}
