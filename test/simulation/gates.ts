// Where everything waits, as the parts of the simulation speak of it.

/** What becomes of whoever waits at a gate; `run` lets them do what they came for. */
export type Fate = string

/** What has its own end: a gate of something that is over never opens. */
export type Alive = { readonly isOver: boolean }

export type Gate = {
  /** The label and how many came before it under the same one. */
  readonly id: string
  readonly kind: GateKind
  /** Whose it is: a node's name, or a client's. */
  readonly whose: string
  readonly due: number
  readonly order: number
  readonly of: Alive
  readonly open: (fate: Fate) => void
}

export type GateKind = 'statement' | 'commit' | 'send' | 'receive' | 'answer' | 'timer' | 'client' | 'nemesis'

export type Arrival = {
  readonly kind: GateKind
  readonly whose: string
  readonly label: string
  /** How much later than now, in virtual milliseconds; drawn by the gate's own name. */
  readonly delay: number | ((id: string) => number)
  readonly of: Alive
  readonly signal?: AbortSignal | undefined
}

export type Rules = {
  /** What happens to this gate. Asked once, when it is opened. */
  fate(gate: Gate, now: number): Fate
  /** Some nodes stand still for a while. */
  frozenUntil(whose: string): number
}
