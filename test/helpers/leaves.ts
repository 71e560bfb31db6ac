// What a body between nodes says, taken apart: through JSON texts inside texts and through signed documents, down to
// the strings that are nothing but themselves.

/** Every string in a body, whatever it is wrapped in. */
export function leavesOf(body: string): string[] {
  return body === '' ? [] : leavesOfText(body, 0)
}

const depthMax = 12

function leavesOfText(text: string, depth: number): string[] {
  if (depth > depthMax) throw new Error('A body is wrapped more often than the protocol wraps anything.')
  const json = parsed(text)
  if (json !== undefined) return leavesOfValue(json, depth + 1)
  const signed = /^([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)$/.exec(text)
  const [, header, payload, signature] = signed ?? []
  const opened = header && payload && parsed(decoded(header)) !== undefined
  if (!opened) return [text]
  return [
    ...leavesOfText(decoded(header), depth + 1),
    ...leavesOfText(decoded(payload), depth + 1),
    signature!,
  ]
}

function leavesOfValue(value: unknown, depth: number): string[] {
  if (typeof value === 'string') return leavesOfText(value, depth)
  if (Array.isArray(value)) return value.flatMap((each) => leavesOfValue(each, depth))
  if (typeof value === 'object' && value !== null) {
    return Object.values(value).flatMap((each) => leavesOfValue(each, depth))
  }
  return []
}

/** Objects and lists only: a text that happens to be a number is a text. */
function parsed(text: string): object | undefined {
  if (!text.startsWith('{') && !text.startsWith('[')) return undefined
  try {
    return JSON.parse(text) as object
  } catch {
    return undefined
  }
}

function decoded(part: string): string {
  return Buffer.from(part, 'base64url').toString()
}
