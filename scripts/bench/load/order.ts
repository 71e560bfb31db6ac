/** What the load is to do, and against whom. */
export type Order = {
  readonly origin: string
  /** The load is spread over these in turn. */
  readonly spaces: readonly string[]
  /** Of the people who write, in turn. */
  readonly tokens: readonly string[]
  /** Messages under way at any time. */
  readonly inFlight: number
  readonly warmUpMs: number
  readonly windowMs: number
  /** When a message has arrived: answered by the node it went to, or seen on the first of the streams. */
  readonly until: 'accepted' | 'seen'
  readonly watch?: Watching
}

/** One stream per token, each of all the spaces. */
export type Watching = { readonly origin: string; readonly tokens: readonly string[] }

/** What arrived within the window. */
export type Tally = {
  readonly done: number
  readonly faults: number
  readonly frames: number
  readonly p50Ms: number
  readonly p99Ms: number
}

export type Report =
  | { readonly state: 'begins' }
  | { readonly state: 'ends'; readonly tally: Tally }
  | { readonly state: 'drained' }
