import { between, type Chance, chanceOf, exponential, pick } from './chance.ts'
import type { Fate, Gate } from './gates.ts'

// Which faults a history has, and how many of each: drawn per seed, each class on or off, each rate from a range.
// Histories without some classes reach deeper into the others.

/** Rates are per gate, times in milliseconds of virtual time. A class that is off has a rate of 0. */
export type Swarm = {
  readonly loss: number
  readonly lostAnswers: number
  readonly duplicates: number
  /** Of the duplicates: those that come long after. */
  readonly lateDuplicates: number
  readonly delayMean: number
  /** Requests that take longer than anybody waits. */
  readonly slow: number
  readonly partitionEvery: number
  /** Logs that do not come through where all else does. */
  readonly holdUpEvery: number
  readonly pauseEvery: number
  readonly crash: number
  readonly crashAtCommit: number
  readonly statementErrors: number
  readonly unknownCommits: number
  readonly stalls: number
  readonly lostWakeUps: number
  readonly doubledWakeUps: number
  readonly skewMax: number
  /** Clocks that jump, further than anybody tolerates. */
  readonly clockEvery: number
  readonly lieEvery: number
  readonly lostReplies: number
  readonly connections: number
  readonly statementMean: number
}

export function drawSwarm(seed: string): Swarm {
  const chance = chanceOf(seed, 'swarm')
  const isOn = (name: string, odds = 0.6): boolean => chance(`${name} on`) < odds
  const rate = (name: string, max: number): number => (isOn(name) ? between(chance(name) ** 2, 0, max) : 0)
  return {
    loss: rate('loss', 0.3),
    lostAnswers: rate('lost answers', 0.3),
    duplicates: rate('duplicates', 0.5),
    lateDuplicates: rate('late duplicates', 0.1),
    delayMean: between(chance('delay') ** 2, 1, 100),
    slow: rate('slow', 0.03),
    partitionEvery: isOn('partitions', 0.5) ? between(chance('partitions'), 2_000, 15_000) : 0,
    holdUpEvery: isOn('held up', 0.35) ? between(chance('held up'), 300, 3_000) : 0,
    pauseEvery: isOn('pauses', 0.3) ? between(chance('pauses'), 4_000, 20_000) : 0,
    crash: rate('crash', 0.001),
    crashAtCommit: rate('crash at commit', 0.01),
    statementErrors: rate('statement errors', 0.006),
    unknownCommits: rate('unknown commits', 0.05),
    stalls: rate('stalls', 0.004),
    lostWakeUps: rate('lost wake-ups', 1),
    doubledWakeUps: rate('doubled wake-ups', 0.5),
    skewMax: isOn('skew', 0.5) ? 12_000 : 0,
    clockEvery: isOn('clocks', 0.25) ? between(chance('clocks'), 3_000, 20_000) : 0,
    lieEvery: isOn('lies', 0.4) ? between(chance('lies'), 300, 4_000) : 0,
    lostReplies: rate('lost replies', 0.1),
    connections: Math.floor(between(chance('connections'), 2, 7)),
    statementMean: between(chance('statements'), 0.2, 4),
  }
}

/** Without faults, and fast: how a world is prepared and how it heals. */
export const calm: Swarm = {
  loss: 0,
  lostAnswers: 0,
  duplicates: 0,
  lateDuplicates: 0,
  delayMean: 2,
  slow: 0,
  partitionEvery: 0,
  holdUpEvery: 0,
  pauseEvery: 0,
  crash: 0,
  crashAtCommit: 0,
  statementErrors: 0,
  unknownCommits: 0,
  stalls: 0,
  lostWakeUps: 0,
  doubledWakeUps: 0,
  skewMax: 0,
  clockEvery: 0,
  lieEvery: 0,
  lostReplies: 0,
  connections: 4,
  statementMean: 0.5,
}

/** What PostgreSQL may answer to any statement at any time. */
const sqlStates = ['53100', '57P01', '40001', '40P01', '55P03', '25006'] as const

export class Faults {
  swarm: Swarm = calm
  /** Statements have taken long, or nodes have stood still. */
  hadStalls = false
  readonly #chance: Chance

  constructor(seed: string) {
    this.#chance = chanceOf(seed, 'fate')
  }

  /** A start passes few gates, and what it leaves behind half done is what the next one has to cope with. */
  fateOf({ id, kind }: Gate, isStarting: boolean): Fate {
    const swarm = isStarting ? { ...this.swarm, crash: this.swarm.crash * 30 } : this.swarm
    const roll = (what: string, rate: number): boolean => rate > 0 && this.#chance(`${id} ${what}`) < rate
    switch (kind) {
      case 'statement':
        if (roll('crash', swarm.crash)) return 'crash'
        return roll('error', swarm.statementErrors) ? pick(this.#chance(`${id} code`), sqlStates) : 'run'
      case 'commit':
        if (roll('crash', swarm.crashAtCommit))
          return this.#chance(`${id} when`) < 0.4 ? 'crash' : 'crash-after'
        if (roll('unknown', swarm.unknownCommits))
          return this.#chance(`${id} when`) < 0.5 ? 'lost' : 'lost-after'
        return roll('error', swarm.statementErrors) ? '40001' : 'run'
      case 'send':
        if (roll('crash', swarm.crash)) return 'crash'
        if (roll('loss', swarm.loss)) return 'lose'
        if (roll('late', swarm.lateDuplicates)) return 'late-duplicate'
        return roll('duplicate', swarm.duplicates) ? 'duplicate' : 'run'
      case 'answer':
        return roll('loss', swarm.lostAnswers) ? 'lose' : 'run'
      case 'timer':
        return roll('crash', swarm.crash) ? 'crash' : 'run'
      case 'client':
        return roll('loss', swarm.lostReplies) ? 'lose' : 'run'
      case 'receive':
      case 'nemesis':
        return 'run'
    }
  }

  /** How long a statement takes. Without this all SQL would happen at one moment, and races would never be. */
  statementDelay(id: string): number {
    const stalls = this.swarm.stalls > 0 && this.#chance(`${id} stall`) < this.swarm.stalls
    return stalls
      ? between(this.#chance(`${id} stall ms`), 50, 8_000)
      : exponential(this.#chance(`${id} ms`), this.swarm.statementMean)
  }

  networkDelay(id: string): number {
    const slow = this.swarm.slow > 0 && this.#chance(`${id} slow`) < this.swarm.slow
    return slow
      ? between(this.#chance(`${id} slow ms`), 3_000, 20_000)
      : exponential(this.#chance(`${id} ms`), this.swarm.delayMean)
  }

  isWakeUpLost(name: string): boolean {
    return this.#chance(`${name} lost`) < this.swarm.lostWakeUps
  }

  isWakeUpDoubled(name: string): boolean {
    return this.#chance(`${name} doubled`) < this.swarm.doubledWakeUps
  }

  /** Anything else that is left to chance. */
  roll(name: string): number {
    return this.#chance(name)
  }
}
