import { nodeOf } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import { Fence, FenceReceipt } from '#schema/wire/fence.ts'
import type { DocumentKind } from './document.ts'
import type { Signer } from './keys.ts'
import { type Refused, refuse } from './outcome.ts'
import { signJws } from './strict-jws.ts'

// Numbered orders to end access, and what a node answers to them (SPEC F1 to F8).

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
