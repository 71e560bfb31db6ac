import { lie } from './byzantine.ts'
import { between, pick } from './chance.ts'
import { liarOf } from './dishonest.ts'
import type { World } from './parts.ts'

// What happens to wires and to whole nodes, beside what happens at gates: partitions of several shapes, and nodes that
// stand still while time goes on.

const jumpMaxMs = 120_000

/** Runs until the world is healed. */
export function startNemesis(world: World): void {
  const { partitionEvery, holdUpEvery, pauseEvery, clockEvery, lieEvery } = world.faults.swarm
  if (partitionEvery > 0) void repeat(world, 'partition', partitionEvery, partition)
  if (holdUpEvery > 0) void repeat(world, 'held up', holdUpEvery, holdUp)
  if (pauseEvery > 0) void repeat(world, 'pause', pauseEvery, pause)
  if (clockEvery > 0) void repeat(world, 'clock', clockEvery, jump)
  const liar = liarOf(world)
  if (liar) void repeat(world, 'lie', lieEvery, async (_, roll) => await lie(world, liar, roll))
}

async function repeat(
  world: World,
  what: string,
  every: number,
  strike: (world: World, roll: (of: string) => number) => Promise<void>,
): Promise<void> {
  for (let i = 0; !world.isCalm && !world.isOver; i++) {
    const roll = (of: string): number => world.faults.roll(`nemesis ${what} ${i} ${of}`)
    await world.scheduler.wait('nemesis', what, between(roll('when'), 0.2 * every, 1.8 * every))
    if (!world.isCalm) await strike(world, roll)
  }
}

async function partition(world: World, roll: (of: string) => number): Promise<void> {
  const { nodes } = world
  const one = pick(roll('one'), nodes)
  const others = nodes.filter((node) => node !== one)
  const other = pick(roll('other'), others)
  switch (pick(roll('shape'), ['pair', 'one way', 'alone', 'deaf'] as const)) {
    case 'pair':
      world.cut(one, other)
      world.cut(other, one)
      break
    case 'one way':
      world.cut(one, other)
      break
    case 'alone':
      for (const node of others) {
        world.cut(one, node)
        world.cut(node, one)
      }
      break
    case 'deaf':
      for (const node of others) world.cut(node, one)
      break
  }
  world.reach('partition')
  await world.scheduler.wait('nemesis', 'mend', between(roll('length') ** 2, 200, 15_000))
  world.mend()
}

/** What is large does not come through, as behind a wire that drops long packets. */
async function holdUp(world: World, roll: (of: string) => number): Promise<void> {
  const one = pick(roll('one'), world.nodes)
  const others = world.nodes.filter((node) => node !== one)
  const other = pick(roll('other'), others)
  world.holdUp(one, other)
  // It is asked for from the other end as well.
  world.holdUp(other, one)
  await world.scheduler.wait('nemesis', 'let through', between(roll('length') ** 2, 300, 6_000))
  world.letThrough()
}

async function pause(world: World, roll: (of: string) => number): Promise<void> {
  const node = pick(roll('node'), world.nodes)
  world.freeze(node, world.scheduler.now + between(roll('length') ** 2, 100, 8_000))
  world.reach('pause')
}

/** A clock is wrong for a while, by more than requests may be (S9), and then right again: so it also runs backwards. */
async function jump(world: World, roll: (of: string) => number): Promise<void> {
  const node = pick(roll('node'), world.nodes)
  const before = node.skew
  node.skew = between(roll('far'), 30_000, jumpMaxMs) * (roll('back') < 0.5 ? -1 : 1)
  world.reach(node.skew < 0 ? 'clock jumped back' : 'clock jumped ahead')
  await world.scheduler.wait('nemesis', 'right', between(roll('length') ** 2, 500, 12_000))
  if (!world.isCalm) node.skew = before
}
