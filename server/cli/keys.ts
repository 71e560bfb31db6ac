import { fingerprint, type LogKey, type OperationLog } from '#federation/operation-log.ts'
import type { Context } from '#server/context.ts'
import { ownDocuments } from '#server/peers/discovery/self.ts'
import { prepareRotation, rotationOf, type Rotation } from '#server/peers/own-keys/rotate.ts'
import { Failure } from './failure.ts'
import { timeOf } from './times.ts'
import { visit } from './visit.ts'

// parley keys: the node's own keys and their history, and the beginning of a rotation. The running node does the rest.

export type KeysOptions = { readonly node?: string }

type Print = (line: string) => void

/** Prints fingerprint, keys, history and commitments. */
export async function printKeys(
  environment: NodeJS.ProcessEnv,
  { node }: KeysOptions,
  print: Print,
): Promise<void> {
  await using opened = new AsyncDisposableStack()
  const context = await visit(environment, node, opened)
  const { log } = await ownDocuments(context)
  for (const line of linesOf(context, log)) print(line)
}

/** Publishes a new key, and says what the node will do with it and when. */
export async function rotateKeys(
  environment: NodeJS.ProcessEnv,
  { node }: KeysOptions,
  print: Print,
): Promise<void> {
  await using opened = new AsyncDisposableStack()
  const context = await visit(environment, node, opened)
  const rotation = await prepareRotation(context)
  if (!rotation) {
    const { log } = await ownDocuments(context)
    throw new Failure(2, log.retired ? 'This node has retired; its keys change no more.' : refusalOf(log))
  }
  print(`A new key is published: ${rotation.to}.`)
  for (const line of plan(rotation)) print(line)
  print('The running node does this by itself. Back up the folder "keys" now: it holds the new key.')
}

function refusalOf(log: OperationLog): string {
  const rotation = rotationOf(log)!
  return `A rotation is under way.\nIt ends at ${timeOf(rotation.endsAt)}; begin another one then.`
}

function linesOf({ node, keys, clock }: Context, log: OperationLog): string[] {
  const rotation = rotationOf(log)
  const file = keys.recoveryFile
  const now = Math.floor(clock.now() / 1000)
  const held = new Set(keys.held.map(({ kid }) => kid))
  return [
    `Keys of ${node}${log.retired ? ', which has retired' : ''}`,
    `Fingerprint:           ${fingerprint(log.genesisHash)}`,
    `Of the newest change:  ${fingerprint(log.opHash)}`,
    '',
    ...log.keys.map((key) => `${key.key.kid}  ${stateOf(key, now)}${whereOf(key, held)}`),
    ...(rotation ? ['', ...plan(rotation)] : []),
    '',
    'History:',
    ...log.operations.map(({ op, hash }, i) => `${String(i + 1).padStart(3)}  ${op.padEnd(8)}  ${hash}`),
    '',
    'Recovery keys, by their commitments:',
    ...log.recovery,
    ...(file === undefined ? [] : ['', `The recovery key still lies at ${file}. Take it off this machine.`]),
  ]
}

function stateOf({ nbf, activeUntilOp }: LogKey, now: number): string {
  if (activeUntilOp !== undefined) return `ended by operation ${activeUntilOp}`
  return nbf > now ? `published, used from ${timeOf(nbf)}` : 'active'
}

/** An active key that this machine lacks is one that it cannot sign with. */
function whereOf({ key, activeUntilOp }: LogKey, held: ReadonlySet<string>): string {
  return activeUntilOp !== undefined || held.has(key.kid) ? '' : ', not on this machine'
}

function plan({ usedAt, endsAt, from }: Rotation): string[] {
  return [
    `From ${timeOf(usedAt)} on everything is signed with it.`,
    `At ${timeOf(endsAt)} the old key is taken away and deleted: ${from.join(', ')}.`,
  ]
}
