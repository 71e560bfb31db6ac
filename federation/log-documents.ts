import { limits } from '#schema/limits.ts'
import { Proof } from '#schema/wire/event.ts'
import { Checkpoint, Receipt } from '#schema/wire/log.ts'
import type { DocumentKind } from './document.ts'
import type { Signer } from './keys.ts'
import { signJws } from './strict-jws.ts'

// The three signatures about a log: the author's node promises events, the host its head, a follower what
// it holds. All are per batch, never per event (SPEC E11, L5, L6).

export const proofKind: DocumentKind<typeof Proof> = {
  typ: 'parley-proof+jws',
  shape: Proof,
  bytesMax: limits.proofBytesMax,
}

export const checkpointKind: DocumentKind<typeof Checkpoint> = {
  typ: 'parley-ckpt+jws',
  shape: Checkpoint,
  bytesMax: limits.smallDocumentBytesMax,
}

export const receiptKind: DocumentKind<typeof Receipt> = {
  typ: 'parley-receipt+jws',
  shape: Receipt,
  bytesMax: limits.smallDocumentBytesMax,
}

export function signProof(proof: Proof, signer: Signer): string {
  return signJws(proofKind.typ, proof, signer)
}

export function signCheckpoint(checkpoint: Checkpoint, signer: Signer): string {
  return signJws(checkpointKind.typ, checkpoint, signer)
}

export function signReceipt(receipt: Receipt, signer: Signer): string {
  return signJws(receiptKind.typ, receipt, signer)
}
