import { jwkOf } from '#federation/keys.ts'
import { activeKeys, findSuccessor, type LogKey, type OperationLog } from '#federation/operation-log.ts'
import type { Hash } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import type { PublicJwk } from '#schema/wire/key.ts'
import type { Context } from '#server/context.ts'
import { ownDocuments, reloadOwnDocuments } from '../discovery/self.ts'
import { appendOperation } from './append.ts'

// A rotation has three moments: the new key is published, it is used, the old one is taken away. The first is a command;
// the clock does the others, a day apart, so that nobody meets a signature of a key that they could not have heard of.

/** What a rotation will do, in seconds. */
export type Rotation = {
  readonly from: readonly Hash[]
  readonly to: Hash
  /** From here on it is signed with. */
  readonly usedAt: number
  /** From here on the old ones are refused. */
  readonly endsAt: number
}

/** The rotation that is under way, as the history says; undefined when there is none. */
export function rotationOf(log: OperationLog): Rotation | undefined {
  const active = activeKeys(log)
  const last = active.reduce((a, b) => (b.nbf > a.nbf ? b : a))
  const from = active.filter((item) => item !== last).map(({ key }) => key.kid)
  if (from.length === 0) return undefined
  return { from, to: last.key.kid, usedAt: last.nbf, endsAt: last.nbf + limits.keyOverlapSeconds }
}

/** Publishes a new key. Undefined: nothing was done, since a rotation is under way or the node has retired. */
export async function prepareRotation(context: Context): Promise<Rotation | undefined> {
  const usedAt = seconds(context) + limits.keyLeadSeconds
  let made: Hash | undefined
  const log = await appendOperation(context, (before) => {
    if (before.retired || rotationOf(before)) return undefined
    const key = context.keys.make()
    made = key.kid
    const active = [...activeKeys(before).map(publicOf), jwkOf(key, usedAt)]
    return { what: { op: 'rotate', active }, signer: context.keys.signer }
  })
  return log && made && rotationOf(log)
}

/** Follows what our history says of the moment: which key signs, and whether the old one has had its time. */
export async function keepRotating(context: Context): Promise<void> {
  const { log } = await reloadOwnDocuments(context)
  const now = seconds(context)
  if (!log.retired && findSuccessor(log, now)) {
    const ended = await appendOperation(context, (before) => {
      const successor = findSuccessor(before, now)
      return (
        successor && { what: { op: 'rotate', active: [publicOf(successor)] }, signer: context.keys.signer }
      )
    })
    if (ended) context.logger.info({ kid: context.keys.key.kid }, 'The rotation of the signing key is done.')
  }
  await forgetOldKeys(context)
}

/** A private key that nobody believes any more is of use to a thief only. */
export async function forgetOldKeys(context: Context): Promise<void> {
  const { log } = await ownDocuments(context)
  const ended = new Set(log.keys.filter(isEnded).map(({ key }) => key.kid))
  const { keys } = context
  if (keys.held.some(({ kid }) => ended.has(kid)))
    keys.keepOnly(keys.held.map(({ kid }) => kid).filter((kid) => !ended.has(kid)))
}

function isEnded({ activeUntilOp }: LogKey): boolean {
  return activeUntilOp !== undefined
}

/** A key as operations name it: always with the `nbf` that it has had from the beginning. */
export function publicOf({ key, nbf }: LogKey): PublicJwk {
  return jwkOf(key, nbf)
}

function seconds({ clock }: Context): number {
  return Math.floor(clock.now() / 1000)
}

/** Runs until the node stops. */
export function startOwnKeys(context: Context): void {
  context.tasks.every('own keys', limits.ownKeysSweepMs, async () => {
    if (!context.mode.recovering) await keepRotating(context)
  })
}
