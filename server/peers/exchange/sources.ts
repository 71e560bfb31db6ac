import type { NodeId } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import type { Context } from '#server/context.ts'
import { Buckets, type Rate } from '#server/ports/buckets.ts'
import { Bounded, perNode } from '../per-node.ts'

// Who sends from where, before anybody knows who it is (Q1, Q2). A name and a signature cost whoever makes them up
// nothing, and looking at them costs us a database, a key and a computation: so addresses have budgets. A node that
// has shown a good signature from an address has a budget of its own there, which its neighbours cannot use up.

export type Source = { readonly address: string; readonly origin: NodeId }

const strangers: Rate = {
  perSecond: limits.strangerRequestsPerSecondMax,
  burst: limits.strangerRequestsBurstMax,
}
const proven: Rate = { perSecond: limits.strangerRequestsPerSecondMax, burst: limits.provenRequestsBurstMax }
const looks: Rate = { perSecond: limits.strangerLooksPerSecondMax, burst: limits.strangerLooksBurstMax }

const max = limits.sourcesRememberedMax
const memoryOf = perNode(() => ({
  requests: new Buckets<string>(max),
  documents: new Buckets<string>(max),
  shown: new Bounded<string, true>(max),
  sentAway: new Bounded<string, number>(max),
  looks: new Buckets<'all'>(1),
}))

/** Seconds until this source may be looked at; 0 when it may now. What is taken comes back with `acceptSource`. */
export function askSource(context: Context, source: Source): number {
  const { key, rate } = budgetOf(context, source)
  return seconds(memoryOf(context).requests.take(key, rate, { now: context.clock.mono() }))
}

/** The source is who it says it is. */
export function acceptSource(context: Context, source: Source): void {
  const memory = memoryOf(context)
  const { key, rate } = budgetOf(context, source)
  memory.requests.giveBack(key, rate, context.clock.mono())
  memory.shown.set(nameOf(source), true)
}

/** Seconds for which this source was told to stay away, because its node has had all that it may have (Q3). */
export function awaySeconds(context: Context, source: Source): number {
  const until = memoryOf(context).sentAway.get(nameOf(source)) ?? 0
  return seconds(Math.max(0, until - context.clock.mono()))
}

/** Tells a source that has shown who it is to stay away: until then nothing of it is looked at. */
export function sendAway(context: Context, source: Source, forSeconds: number): void {
  memoryOf(context).sentAway.set(nameOf(source), context.clock.mono() + forSeconds * 1000)
}

/** The same for a public document, which anybody may ask for. Reading is not to keep anybody from speaking. */
export function askForDocument(context: Context, address: string): number {
  const now = context.clock.mono()
  return seconds(memoryOf(context).documents.take(placeOf(address), strangers, { now }))
}

/** False when strangers have made us look for others often enough, all of them together. */
export function mayLook(context: Context): boolean {
  return memoryOf(context).looks.take('all', looks, { now: context.clock.mono() }) === 0
}

function budgetOf(context: Context, source: Source): { readonly key: string; readonly rate: Rate } {
  const name = nameOf(source)
  return memoryOf(context).shown.get(name)
    ? { key: name, rate: proven }
    : { key: placeOf(source.address), rate: strangers }
}

function nameOf({ address, origin }: Source): string {
  return `${placeOf(address)} ${origin}`
}

/** An address of IPv4, or the network of an address of IPv6: everybody who has one of these has 2^64 of them. */
export function placeOf(address: string): string {
  if (!address.includes(':') || address.includes('.')) return address.replace(/^::ffff:/i, '')
  const [head = '', tail] = address.split('%', 1)[0]!.split('::')
  const before = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  const gap = tail === undefined ? [] : Array<string>(8 - before.length - after.length).fill('0')
  const groups = [...before, ...gap, ...after].map((group) => Number.parseInt(group, 16).toString(16))
  return `${groups.slice(0, 4).join(':')}::/64`
}

function seconds(ms: number): number {
  return Math.ceil(ms / 1000)
}
