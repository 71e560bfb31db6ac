import type pg from 'pg'
import type { Http, HttpRequest } from '#federation/transport/http.ts'
import type { SpaceId } from '#schema/ids.ts'
import type { Context } from '#server/context.ts'
import type { Node } from '#server/node.ts'
import type { MarkFile } from '#server/ports/mark-file.ts'
import type { Hub } from '#server/realtime/hub.ts'
import type { Attentive } from '../helpers/attentive-logger.ts'
import type { Fault } from '../helpers/checker.ts'
import type { Faults } from './faults.ts'
import type { Alive, Arrival, Fate } from './gates.ts'
import type { Monitor } from './monitor.ts'
import type { Product } from './product.ts'
import type { Scheduler } from './scheduler.ts'

// The parts of a simulated world, as they know each other.

/** One life of a node: from a start to a crash. */
export type Life = Alive & {
  readonly world: World
  readonly node: SimNode
  /** Settles when this life ends. */
  readonly died: Promise<'died'>
  readonly running: Node | undefined
  readonly context: Context
  readonly hub: Hub
  /** Keeps a connection in mind, to be ended with this life, and names it. */
  keep(pid: () => number | undefined): string
  /** The gate before a statement. */
  statement(isCommit: boolean, label: string): Promise<Fate>
  pass(at: Pick<Arrival, 'kind' | 'label' | 'delay' | 'signal'>): Promise<Fate>
  /** Ends here and now. Never comes back to whoever it happens to. */
  crash(): Promise<never>
  end(): Promise<void>
}

/** A node through all its lives. */
export type SimNode = {
  readonly name: string
  readonly id: string
  /** Beside its database. */
  readonly mark: MarkFile
  readonly url: string
  /** How far its clock is off. */
  skew: number
  readonly life: Life | undefined
  readonly isUp: boolean
  start(): Promise<void>
  /** Starts again after a while. */
  comeBack(): void
}

export type SimPerson = {
  readonly handle: string
  readonly node: SimNode
  readonly id: string
  readonly address: string
  readonly token: string
}

export type SimSpace = {
  readonly id: string
  readonly kind: 'group' | 'thread'
  readonly host: SimNode
  /** The handle of who began it, and decides there. */
  readonly starter: string
  /** Groups that it was addressed to once. */
  withdrawn?: readonly string[]
}

/** Entries that somebody was shown, in answer to what they asked for at a time; none of it: they were told of the space. */
export type Read = {
  readonly person: SimPerson
  readonly space: string
  readonly at: number
  readonly seqs: readonly number[]
}

/** From a moment on, a node knows that memberships of a space that began before a seq are over. */
export type Closure = {
  readonly node: string
  readonly space: string
  readonly subject: string
  readonly fromSeq: number
  readonly at: number
}

/** Somebody who had to leave a space, or wanted to; for a while they still try it. */
export type Loss = { readonly space: SimSpace; readonly subject: string; looksLeft: number }

/** What somebody was shown by a stream. */
export type Watching = {
  readonly person: SimPerson
  readonly space: string
  readonly position: number
  /** A stream is open, and has not been told that it ended. */
  readonly isOpen: boolean
  readonly seen: readonly { readonly seq: number; readonly id: string; readonly at: number }[]
  /** Where it went on without what lies between: a window has to begin there. */
  readonly jumps: readonly { readonly after: number; readonly to: number }[]
  readonly faults: readonly Fault[]
}

/** Entries of a host's log that went over the wire to another node. */
export type Shipment = {
  readonly host: string
  readonly to: string
  readonly space: SpaceId
  readonly seq: number
}

/** A request that changed something, as it was signed. */
export type Taken = { readonly from: SimNode; readonly to: SimNode; readonly request: HttpRequest }

export type Listener = {
  readonly shipments: readonly Shipment[]
  readonly taken: readonly Taken[]
  /** What a node was told first after `since` (ms) when it asked for the same, from wherever on. */
  firstAnswer(from: SimNode, to: SimNode, request: HttpRequest, since: number): Answered | undefined
  sent(from: SimNode, to: SimNode, request: HttpRequest): void
  answered(from: SimNode, to: SimNode, request: HttpRequest, answer: Answered): void
}

export type Answered = { readonly statusCode: number; readonly payload: string }

/** Between the product and its ports. */
export type Wrap = {
  readonly http: (http: Http, life: Life) => Http
  readonly connections: (connections: typeof pg.Client, life: Life) => typeof pg.Client
}

/** Everything of one history. */
export type World = Alive & {
  readonly seed: string
  readonly monitor: Monitor
  readonly product: Product
  readonly wrap: Wrap
  readonly scheduler: Scheduler
  readonly faults: Faults
  readonly nodes: readonly SimNode[]
  readonly tap: Listener
  readonly people: SimPerson[]
  readonly spaces: SimSpace[]
  readonly watchers: Watching[]
  readonly closures: Closure[]
  readonly losses: Loss[]
  /** Lies that somebody took for the truth. */
  readonly believed: string[]
  /** Somebody has confirmed what it does not hold: its host leaves it alone for an hour. */
  hasInflated: boolean
  /** Addresses of people who have been invited and may not have looked yet. */
  readonly invited: Set<string>
  /** Answers that something broke. */
  readonly troubles: { readonly status: number; readonly label: string; readonly sentence: string }[]
  /** What the nodes' own logs say about faults of theirs. */
  readonly said: Attentive
  /** How often the history came to what it is meant to come to. */
  readonly reached: ReadonlyMap<string, number>
  /** How much people have done. */
  acts: number
  /** Before the faults begin, and after they have ended. */
  readonly isCalm: boolean
  nodeOf(id: string): SimNode
  reach(what: string): void
  isCut(from: SimNode, to: SimNode): boolean
  cut(from: SimNode, to: SimNode): void
  mend(): void
  /** Logs do not come through, while fences and all else does. */
  isHeldUp(from: SimNode, to: SimNode): boolean
  holdUp(from: SimNode, to: SimNode): void
  letThrough(): void
  freeze(node: SimNode, until: number): void
}
