import type { Me } from '#schema/api/accounts.ts'
import type { Entry } from '#schema/entry.ts'
import type { EventId, SpaceId, UserId } from '#schema/ids.ts'
import type { Invitation } from '#schema/invitation.ts'
import type { Person } from '#schema/person.ts'
import type { Host } from '#schema/removal.ts'
import type { Beginning, Space, SpaceSummary } from '#schema/space.ts'

// What the page knows. Actions change it and say which part; views redraw that part.

/** Something that I wrote and that has not come back in the log yet. */
export type Mine = {
  readonly key: string
  readonly text: string
  /** When I sent it, in milliseconds since 1970. */
  readonly at: number
  id?: EventId
  state: 'sending' | 'queued' | 'refused' | 'failed'
  why?: string
}

export type Opened = {
  readonly id: SpaceId
  space: Space
  /** Without a gap. */
  entries: Entry[]
  mine: Mine[]
  /** What was new when I opened it begins here: a line stands above it. */
  readonly newFrom: number | undefined
}

export type Part = 'inbox' | 'invitations' | 'space' | 'log' | 'connection' | 'waiting' | 'hosts' | 'place'

export type Model = {
  readonly me: Me
  spaces: SpaceSummary[]
  invitations: Invitation[]
  readonly people: Map<UserId, Person>
  /** What direct conversations are called here. */
  readonly directNames: Map<SpaceId, string>
  /** The last seq that the stream, or a page, has brought of each space. */
  readonly positions: Map<SpaceId, number>
  opened: Opened | undefined
  /** Stands for the page that is shown; another one has another. */
  page: object
  /** How much waits for an administrator. */
  waiting: number
  /** The companies that host something of mine. */
  hosts: readonly Host[]
  /** Does the badge stand inside conversations and in the inbox too? A policy of the workspace. */
  badgesEverywhere: boolean
  /** The workspace was put back from a backup or has replaced its keys, and asks others what they hold of it. */
  recovering: boolean
  isLive: boolean
  /** Calls the listener when the part has changed; with `of`, only as long as that space or page is open. */
  on(part: Part, listener: () => void, of?: object): void
  changed(...parts: readonly Part[]): void
  /** Ends what the page knows: the session is over. */
  end(): void
}

export function createModel(me: Me, end: () => void): Model {
  const listeners = new Map<Part, Listener[]>()
  const model: Model = {
    me,
    spaces: [],
    invitations: [],
    people: new Map(),
    directNames: new Map(),
    positions: new Map(),
    opened: undefined,
    page: {},
    waiting: 0,
    hosts: [],
    badgesEverywhere: false,
    recovering: false,
    isLive: false,
    end,
    on(part, call, of) {
      listeners.set(part, [...(listeners.get(part) ?? []), { call, of }])
    },
    changed(...parts) {
      for (const part of parts) {
        const current = (listeners.get(part) ?? []).filter(
          ({ of }) => of === undefined || of === model.opened || of === model.page,
        )
        listeners.set(part, current)
        for (const { call } of current) call()
      }
    },
  }
  return model
}

type Listener = { readonly call: () => void; readonly of: object | undefined }

export function meet(model: Model, people: readonly (Person | null)[]): void {
  for (const person of people) if (person) model.people.set(person.id, person)
}

export function isUnread(space: SpaceSummary): boolean {
  return space.headSeq > space.readSeq
}

/** Has it been started, and is not in its host's log here yet? */
export function isWaiting({ space: { beginning } }: Opened): boolean {
  return beginning !== null && !isOver(beginning)
}

/** Will it never begin? */
export function isOver({ state }: Beginning): boolean {
  return state === 'refused' || state === 'expired'
}

export function summaryOf(model: Model, id: SpaceId): SpaceSummary | undefined {
  return model.spaces.find((space) => space.id === id)
}
