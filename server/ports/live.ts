import type { SpaceId, UserId } from '#schema/ids.ts'

/** One person's open view of one space: a stream that shows it. */
export type View = {
  readonly user: UserId
  readonly space: SpaceId
  /** Access may have changed: ask the door again before anything more is shown. */
  recheck(): void
}

/** An open socket, with the session that opened it. */
export type Stream = {
  readonly user: UserId
  readonly session: string
  /** The session is over: nothing more is shown. */
  end(): void
}

/** The open views of this process, so that the end of an access ends them. */
export type Live = {
  open(view: View): () => void
  connect(stream: Stream): () => void
  /** Ends the open streams of a session, or all of a user. */
  end(whose: { readonly user: UserId } | { readonly session: string }): void
  /** Makes the open views of a user, of a space, or of a user in a space ask again. Returns how many. */
  recheck(whose: { readonly user?: UserId; readonly space?: SpaceId }): number
}

export function openLive(): Live {
  const views = new Set<View>()
  const streams = new Set<Stream>()
  return {
    connect(stream) {
      streams.add(stream)
      return () => streams.delete(stream)
    },
    end(whose) {
      for (const stream of streams) {
        if ('user' in whose ? stream.user === whose.user : stream.session === whose.session) stream.end()
      }
    },
    open(view) {
      views.add(view)
      return () => views.delete(view)
    },
    // Accesses end rarely, so a walk over all views is cheaper than an index that every view pays for.
    recheck({ user, space }) {
      let count = 0
      for (const view of views) {
        if (user !== undefined && view.user !== user) continue
        if (space !== undefined && view.space !== space) continue
        view.recheck()
        count++
      }
      return count
    },
  }
}
