import type { SpaceId } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import type { RefusalCode } from '#schema/refusal.ts'
import type { Context } from '#server/context.ts'
import { spaceForReader } from '#server/domain/access.ts'
import type { Actor } from '#server/domain/actor.ts'
import { listEntries } from '#server/domain/entries.ts'
import { viewpointOf } from '#server/domain/people.ts'
import { refusalOfFault } from '#server/log/faults.ts'
import { Refusal } from '#server/refusal.ts'
import { frameOfEntries, type Hub } from './hub.ts'
import { openTail } from './tail.ts'

// One person's view of one space: in the order of the log, without gap or duplicate, from a position on. It reads
// the log until it has what there is, then takes what the hub offers; whatever does not follow directly is read.
// What is offered while it reads waits, and is taken behind the page: so a busy space is read once, not for ever.

export type Subscription = { end(): void }

type Wiring = {
  readonly context: Context
  readonly hub: Hub
  readonly actor: Actor
  readonly space: SpaceId
  readonly after: number
  readonly send: (text: string) => void
  /** The door has closed, or the log cannot be read. */
  readonly ended: (code: string) => void
}

type View = {
  isOpen: boolean
  isReading: boolean
  isStale: boolean
  /** How often the log had been cut when it was first read. */
  cuts: number | undefined
}

/** Subscribes; throws the door's refusal when the actor does not reach the space. */
export async function subscribe(wiring: Wiring): Promise<Subscription> {
  const { context, hub, actor, space, send, ended } = wiring
  const tail = openTail(wiring.after, send)
  // Stale from the start: what the hub offers may be from before the reader's history, which only the door knows.
  const view: View = { isOpen: true, isReading: false, isStale: true, cuts: undefined }

  function end(): void {
    view.isOpen = false
    unwatch()
    close()
  }

  /** Reads from the position on. Every page goes through the door, so an access that has ended shows nothing more. */
  async function read(): Promise<void> {
    if (view.isReading) return
    view.isReading = true
    try {
      do {
        view.isStale = false
        const input = { spaceId: space, after: tail.position(), limit: limits.pageLengthMax }
        const { entries, fromSeq, cuts } = await listEntries(context, actor, input)
        const frame = frameOfEntries(entries)
        if (!view.isOpen) return
        view.cuts ??= cuts
        if (cuts !== view.cuts) {
          // What has been shown of it may not be the log any more, so nothing can follow it.
          end()
          ended('log-cut')
          return
        }
        tail.beginAt(fromSeq)
        if (frame) tail.take(frame)
        if (entries.length === limits.pageLengthMax) view.isStale = true
        // Not when the door is to be asked again: what was offered may be what it forbids.
        else if (!view.isStale) view.isStale = !tail.takeKept()
      } while (view.isStale && view.isOpen)
    } catch (error) {
      const code = whyEnded(context, space, error)
      if (view.isOpen) {
        end()
        ended(code)
      }
    } finally {
      view.isReading = false
    }
  }

  /** The door is to be asked again, even if a page is on its way that went through it. */
  function readAgain(): void {
    view.isStale = true
    catchUp()
  }

  function catchUp(): void {
    context.tasks.spawn('subscription', read)
  }

  const unwatch = hub.watch(space, {
    viewpoint: viewpointOf(actor),
    offer(frame) {
      if (!view.isReading && !view.isStale && tail.take(frame)) return
      if (tail.keep(frame)) catchUp()
      else readAgain()
    },
    reach(head, cuts) {
      if (head > tail.position() || (view.cuts !== undefined && cuts !== view.cuts)) readAgain()
    },
  })
  const close = context.live.open({ user: actor.userId, space, recheck: readAgain })
  try {
    await spaceForReader(context, actor, space)
  } catch (error) {
    end()
    throw error
  }
  catchUp()
  return { end }
}

/** The code that a view ends with. What broke is not its reader's: they are told that it did, and may ask again. */
export function whyEnded({ logger }: Context, space: SpaceId, error: unknown): RefusalCode {
  if (error instanceof Refusal) return error.code
  const { code } = refusalOfFault(error)
  if (code === 'internal') logger.error({ err: error, space }, 'A stream could not read its log.')
  else logger.warn({ err: error, space }, 'A stream has ended because of the database.')
  return code
}
