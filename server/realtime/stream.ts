import type { SpaceId } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import { type RefusalCode, refusals } from '#schema/refusal.ts'
import { type StreamFrame, StreamRequest } from '#schema/stream.ts'
import { readStrictJson } from '#federation/strict-json.ts'
import type { Context } from '#server/context.ts'
import type { Actor } from '#server/domain/actor.ts'
import { frameOf, type Hub } from './hub.ts'
import { subscribe, type Subscription, whyEnded } from './subscription.ts'

// One socket: what its client asks for, and what it is sent. Who reads too slowly is cut off, and resumes from the
// last position it has: nothing is lost by it, and nothing is held for it.

/** What a stream needs of a web socket. */
export type Socket = {
  send(text: string): void
  /** Bytes that were sent and have not left yet. */
  readonly bufferedAmount: number
  close(code: number, reason: string): void
}

export type Stream = {
  receive(text: string): void
  /** The socket has closed. */
  end(): void
}

const slowConsumer = 4008
const policyViolation = 1008
const faultsMax = 10

export function openStream(context: Context, hub: Hub, actor: Actor, socket: Socket): Stream {
  const subscriptions = new Map<SpaceId, Subscription | undefined>()
  let faults = 0
  let isOpen = true

  function sendText(text: string): void {
    if (!isOpen) return
    // What was sent before has not left: a page may be large, but nobody is given the next one on top of it.
    if (socket.bufferedAmount <= limits.streamBufferBytesMax) return socket.send(text)
    socket.close(slowConsumer, 'slow-consumer')
    end()
  }

  function send(frame: StreamFrame): void {
    sendText(frameOf(frame))
  }

  function refuse(code: RefusalCode): void {
    send({ type: 'error', code, sentence: refusals[code].sentence })
    faults++
    if (faults < faultsMax || !isOpen) return
    socket.close(policyViolation, 'too-many-faults')
    end()
  }

  async function begin(space: SpaceId, after: number): Promise<void> {
    if (subscriptions.has(space)) return
    if (subscriptions.size >= limits.streamSpacesMax) return refuse('too-large')
    subscriptions.set(space, undefined)
    send({ type: 'subscribed', space, after })
    try {
      const ended = (code: string): void => {
        subscriptions.delete(space)
        send({ type: 'ended', space, code })
      }
      const subscription = await subscribe({ context, hub, actor, space, after, send: sendText, ended })
      if (isOpen && subscriptions.has(space)) subscriptions.set(space, subscription)
      else subscription.end()
    } catch (error) {
      subscriptions.delete(space)
      send({ type: 'ended', space, code: whyEnded(context, space, error) })
    }
  }

  const unlisten = hub.onStateChange((space) => {
    context.tasks.spawn('spaces', async () => {
      const reached = await context.reads.reached({ user: actor.userId, space })
      if (isOpen && reached) send({ type: 'spaces' })
    })
  })

  const unhear = context.wake.listen('access', () => send({ type: 'spaces' }))

  function end(): void {
    isOpen = false
    unlisten()
    unhear()
    for (const subscription of subscriptions.values()) subscription?.end()
    subscriptions.clear()
  }

  return {
    end,
    receive(text) {
      const json = readStrictJson(text)
      const request = StreamRequest.safeParse(json.ok ? json.value : undefined)
      if (!request.success) return refuse('invalid-request')
      const asked = request.data
      if (asked.type === 'subscribe') {
        context.tasks.spawn('subscribe', async () => await begin(asked.space, asked.after))
        return
      }
      subscriptions.get(asked.space)?.end()
      subscriptions.delete(asked.space)
    },
  }
}
