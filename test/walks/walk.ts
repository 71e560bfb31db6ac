import fc from 'fast-check'
import { add, answer, begin, invite, Tally } from './attempts.ts'
import { deeds } from './deeds.ts'
import { Ground } from './ground.ts'
import { World } from './world.ts'

// Random walks: a property of fast-check over handfuls of walks, which go on side by side in one world and are told
// apart by their spaces. A failure shrinks to the one walk and the few steps that it takes.

export type Plan = {
  readonly walks: number
  readonly seed: number
  /** How many walk side by side. */
  readonly abreast: number
  /** After how many walks the nodes are new ones: what lies around from earlier ones slows them. */
  readonly perWorld: number
  readonly stepsMax: number
  readonly progress?: (walks: number) => void
  /** The first thing that went wrong, before it is known how little it takes. */
  readonly onFailure?: (why: string) => void
}

const shrinkingMs = 120_000

export type Outcome = { readonly walks: number; readonly tally: Tally; readonly failure: string | undefined }

export async function walk(plan: Plan): Promise<Outcome> {
  const tally = new Tally()
  let walks = 0
  let inWorld = 0
  let world: World | undefined
  let failedAt: number | undefined
  const one = fc.record({
    beginning: fc.nat(63),
    steps: fc.commands(deeds(tally), { maxCommands: plan.stepsMax, size: 'max' }),
  })
  const handful = fc.array(one, { minLength: plan.abreast, maxLength: plan.abreast })
  const property = fc.asyncProperty(handful, async (walkers) => {
    // Long enough for the shortest walk that fails; what is tried after that counts as not failing.
    if (failedAt !== undefined && Date.now() - failedAt > shrinkingMs) return
    if (!world || inWorld >= plan.perWorld) {
      await world?.[Symbol.asyncDispose]()
      world = await World.open()
      inWorld = 0
    }
    const here = world
    const grounds = walkers.map((_, i) => new Ground(here, walks + i))
    const ends = await Promise.allSettled(
      walkers.map(async ({ beginning, steps }, i) => {
        const ground = grounds[i]!
        try {
          await settleIn(ground, tally, beginning)
          await fc.asyncModelRun(() => ({ model: ground.model, real: ground }), steps)
          await ground.finish()
        } finally {
          ground.leave()
        }
      }),
    )
    const failed = ends.find((end) => end.status === 'rejected')
    if (failed) {
      if (failedAt === undefined) plan.onFailure?.(String(failed.reason))
      failedAt ??= Date.now()
      throw failed.reason
    }
    walks += walkers.length
    inWorld += walkers.length
    plan.progress?.(walks)
  })
  try {
    const runs = Math.ceil(plan.walks / plan.abreast)
    const details = await fc.check(property, { numRuns: runs, seed: plan.seed, endOnFailure: false })
    const failure = details.failed ? reportOf(details) : undefined
    return { walks, tally, failure }
  } finally {
    await world?.[Symbol.asyncDispose]()
  }
}

function reportOf<T>(details: fc.RunDetails<T>): string {
  const error = details.errorInstance
  const why = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return `${fc.defaultReportMessage(details)}\n${why}`
}

/** What there is when a walk begins: a group and a thread of ann's, shared in one of many ways. */
async function settleIn(ground: Ground, tally: Tally, beginning: number): Promise<void> {
  const has = (bit: number): boolean => (beginning & bit) !== 0
  const group = await begin(ground, tally, 'ann', 'group')
  const thread = await begin(ground, tally, 'ann', 'thread', has(1) ? [group!] : [])
  if (has(2))
    await add(ground, tally, { who: 'ann', space: group!, whom: 'ada', n: 0, role: 'member', history: 'now' })
  if (has(4)) {
    const wish = has(8) ? 'all' : 'now'
    await invite(ground, tally, { who: 'ann', space: group!, whom: 'bob', wish, n: 0, role: 'member' })
    await answer(ground, tally, 'bob', 0, true)
  }
  if (has(16)) {
    const wish = has(32) ? 'all' : 'now'
    await invite(ground, tally, { who: 'ann', space: thread!, whom: 'bob', wish, n: 0, role: 'poster' })
    await answer(ground, tally, 'bob', ground.invited.length - 1, true)
  }
  for (const space of ground.model.spaces.keys()) {
    ground.follow('ann', space)
    if (ground.reach('bob', space)) ground.follow('bob', space)
  }
}
