import { hash as digestOf } from 'node:crypto'
import { type Hash, nodeOf } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import { type FencedSpace, Fence, FenceReceipt, PurgeReceipt } from '#schema/wire/fence.ts'
import type { DocumentKind } from './document.ts'
import type { Signer } from './keys.ts'
import { type Refused, refuse } from './outcome.ts'
import { signJws } from './strict-jws.ts'

// Numbered orders to end access and to delete copies, and what a node answers to them (SPEC F1 to F9, P1 to P8).

export const fenceKind: DocumentKind<typeof Fence> = {
  typ: 'parley-fence+jws',
  shape: Fence,
  bytesMax: limits.smallDocumentBytesMax,
}

export const fenceReceiptKind: DocumentKind<typeof FenceReceipt> = {
  typ: 'parley-fence-receipt+jws',
  shape: FenceReceipt,
  bytesMax: limits.smallDocumentBytesMax,
}

export const purgeKind: DocumentKind<typeof PurgeReceipt> = {
  typ: 'parley-purge+jws',
  shape: PurgeReceipt,
  bytesMax: limits.smallDocumentBytesMax,
}

export function signPurge(receipt: PurgeReceipt, signer: Signer): string {
  return signJws(purgeKind.typ, receipt, signer)
}

/** Names a list of spaces that a fence has named: both sides compute it over what was given and what was taken (P3). */
export function hashFencedSpaces(spaces: readonly FencedSpace[]): Hash {
  // Every line is ASCII, so the order of UTF-16 units is the order of bytes.
  const lines = spaces
    .map(([space, fromSeq]) => `${space}\t${fromSeq}\n`)
    .toSorted((a, b) => (a < b ? -1 : 1))
  return digestOf('sha256', `parley-purge/1\n${lines.join('')}`, 'base64url') as Hash
}

/** Clocks differ by as much as a request may (S6). */
const clockSlackMs = limits.clockBehindSeconds * 1000

/** Is this the answer to that order, and not from the future (P6)? */
export function faultOfPurge(
  receipt: PurgeReceipt,
  order: Pick<Fence, 'space'> & { readonly spaces: Hash; readonly now: number },
): Refused | undefined {
  if (receipt.space !== order.space) return refuse('fence-unknown', 'space')
  if (receipt.spaces !== order.spaces) return refuse('fence-unknown', 'spaces')
  return receipt.completed_at > order.now + clockSlackMs ? refuse('schema', 'completed_at') : undefined
}

export function signFence(fence: Fence, signer: Signer): string {
  return signJws(fenceKind.typ, fence, signer)
}

export function signFenceReceipt(receipt: FenceReceipt, signer: Signer): string {
  return signJws(fenceReceiptKind.typ, receipt, signer)
}

/** A node is told about its own users only (F2). Whose order it is and to whom it goes was checked with its signature. */
export function faultOfFence({ subject, aud }: Fence): Refused | undefined {
  return subject === '*' || nodeOf(subject) === aud ? undefined : refuse('schema', 'subject')
}
