import type { postMessage } from '#schema/api/spaces.ts'
import type { Entry } from '#schema/entry.ts'
import { call, newKey, Problem } from './api.ts'
import { type Mine, meet, type Model, type Opened } from './model.ts'
import { messageTextOf } from '../space/words.ts'

// What I write is shown at once, and gives way to its entry when the log brings it.

export async function post(model: Model, opened: Opened, text: string): Promise<void> {
  const mine: Mine = { key: newKey(), text, at: Date.now(), state: 'sending' }
  opened.mine.push(mine)
  await submit(model, opened, mine)
}

/** Also for a second attempt: under the same key nothing is written twice. */
export async function submit(model: Model, opened: Opened, mine: Mine): Promise<void> {
  mine.state = 'sending'
  delete mine.why
  model.changed('log')
  try {
    const written = await call<typeof postMessage>({
      method: 'POST',
      url: '/api/spaces/:spaceId/messages',
      params: { spaceId: opened.id },
      key: mine.key,
      body: { text: mine.text, fmt: 'plain' },
    })
    mine.id = written.id
    mine.state = 'queued'
    if (opened.entries.some(({ id }) => id === written.id)) forget(model, opened, mine)
  } catch (error) {
    mine.state = error instanceof Problem && !error.isPassing ? 'refused' : 'failed'
    mine.why = error instanceof Error ? error.message : String(error)
  }
  model.changed('log')
}

export function forget(model: Model, opened: Opened, mine: Mine): void {
  opened.mine = opened.mine.filter((one) => one !== mine)
  model.changed('log')
}

/** Takes an entry of the open space from the stream. False when it does not follow what is here. */
export function takeEntry(model: Model, opened: Opened, entry: Entry): boolean {
  const last = opened.entries.at(-1)?.seq
  if (last !== undefined && entry.seq <= last) return true
  if (last !== undefined && entry.seq > last + 1) return false
  opened.entries.push(entry)
  meet(model, [entry.person, ...entry.people])
  const mine = opened.mine.find((one) => isSame(model, one, entry))
  if (mine) forget(model, opened, mine)
  else model.changed('log')
  return true
}

/** The stream may be faster than the answer that brings the id. */
function isSame(model: Model, mine: Mine, entry: Entry): boolean {
  if (mine.id !== undefined) return mine.id === entry.id
  return mine.state === 'sending' && entry.sender === model.me.id && messageTextOf(entry) === mine.text
}
