import type { Entry } from '#schema/entry.ts'
import type { SpaceId } from '#schema/ids.ts'
import type { StreamFrame, StreamRequest } from '#schema/stream.ts'
import { announce } from '../ui/dom.ts'
import { takeEntry } from './messages.ts'
import { isUnread, isWaiting, type Model, summaryOf } from './model.ts'
import {
  fillGap,
  readAnew,
  refreshInvitations,
  refreshOpened,
  refreshPending,
  refreshSpaces,
} from './spaces.ts'
import { messageTextOf, nameOf, titleOf } from '../space/words.ts'

// The stream: one socket that follows every space of the inbox, each from the last position that the page has.
// When it breaks it is opened again, and goes on where it was: nothing is missed and nothing comes twice.

const retryMsMin = 500
const retryMsMax = 10_000
const invitationsMs = 5_000
const settleMs = 150

export type Live = { close(): void }

export function connect(model: Model, ended: (space: SpaceId) => void): Live {
  let socket: WebSocket | undefined
  let followed = new Set<SpaceId>()
  let failures = 0
  let isClosed = false
  let retry: ReturnType<typeof setTimeout> | undefined

  function open(): void {
    const address = new URL('/api/stream', location.href)
    address.protocol = address.protocol.replace('http', 'ws')
    followed = new Set()
    socket = new WebSocket(address)
    socket.addEventListener('open', () => {
      failures = 0
      setLive(model, true)
      quietly(refreshSpaces(model).then(follow))
    })
    socket.addEventListener('message', ({ data }) => take(JSON.parse(String(data)) as StreamFrame))
    socket.addEventListener('close', () => {
      if (isClosed) return
      setLive(model, false)
      const delayMs = Math.min(retryMsMax, retryMsMin * 2 ** failures++)
      // Not all at the same moment when a node comes back.
      retry = setTimeout(open, delayMs * (0.5 + Math.random() / 2))
    })
  }

  function follow(): void {
    for (const { id, beginning } of model.spaces) {
      // What its host does not have yet has no log to follow.
      if (beginning !== null || followed.has(id) || socket?.readyState !== WebSocket.OPEN) continue
      followed.add(id)
      const request: StreamRequest = { type: 'subscribe', space: id, after: model.positions.get(id) ?? 0 }
      socket.send(JSON.stringify(request))
    }
  }

  function take(frame: StreamFrame): void {
    switch (frame.type) {
      case 'entries':
        for (const entry of frame.entries) takeNews(model, entry)
        break
      case 'spaces':
        lists()
        break
      case 'ended':
        followed.delete(frame.space)
        if (frame.code === 'not-found') drop(model, frame.space, ended)
        else if (frame.code === 'log-cut') quietly(readAnew(model, frame.space).then(follow))
        // Something broke at the node. What we have stays; after a while it is asked again.
        else setTimeout(follow, retryMsMax)
        break
      case 'subscribed':
      case 'error':
        break
    }
  }

  const lists = settled(async () => {
    await Promise.all([refreshSpaces(model), refreshOpened(model), refreshInvitations(model)])
    follow()
  })
  const polling = setInterval(() => quietly(poll(model)), invitationsMs)
  model.on('inbox', follow)
  open()
  return {
    close() {
      isClosed = true
      clearTimeout(retry)
      clearInterval(polling)
      socket?.close()
    },
  }
}

function drop(model: Model, space: SpaceId, ended: (space: SpaceId) => void): void {
  model.positions.delete(space)
  model.spaces = model.spaces.filter(({ id }) => id !== space)
  model.changed('inbox')
  ended(space)
}

function takeNews(model: Model, entry: Entry): void {
  const { space, seq, at } = entry
  model.positions.set(space, Math.max(seq, model.positions.get(space) ?? 0))
  const summary = summaryOf(model, space)
  const text = messageTextOf(entry)
  if (summary) {
    const wasUnread = isUnread(summary)
    summary.headSeq = Math.max(summary.headSeq, seq)
    summary.headAt = Math.max(summary.headAt, at)
    const isElsewhere = model.opened?.id !== space
    if (isElsewhere && !wasUnread && text !== undefined) announce(`News in ${titleOf(summary)}.`)
    model.changed('inbox')
  }
  const { opened } = model
  if (opened?.id !== space) return
  if (!takeEntry(model, opened, entry)) quietly(fillGap(model, opened))
  else if (text !== undefined && entry.sender !== model.me.id && document.hidden) {
    document.title = `• ${nameOf(model, entry.sender)} · Parley`
  }
}

/** What no stream brings: invitations, and what a host refuses. */
async function poll(model: Model): Promise<void> {
  if (document.hidden || !model.isLive) return
  await refreshInvitations(model)
  const { opened } = model
  if (opened?.mine.some(({ state }) => state === 'queued')) await refreshPending(model, opened)
  if (opened && isWaiting(opened)) await Promise.all([refreshOpened(model), refreshSpaces(model)])
}

function setLive(model: Model, isLive: boolean): void {
  model.isLive = isLive
  model.changed('connection')
}

/** Does something once for many calls that come together. */
function settled(act: () => Promise<void>): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  return () => {
    clearTimeout(timer)
    timer = setTimeout(() => quietly(act()), settleMs)
  }
}

/** What fails here is tried again at the next occasion, and the connection shows it. */
function quietly(work: Promise<void>): void {
  work.catch((error: unknown) => console.warn(error))
}
