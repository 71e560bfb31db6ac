import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import { NodeId } from '../ids.ts'
import { Peer } from './peers.ts'

const onePeer = z.strictObject({ node: NodeId })

/** A company in `key-conflict`: fingerprints as twelve groups of five digits. */
export const KeyConflict = z.strictObject({
  node: NodeId,
  /**
   * - `genesis`: it shows keys that have nothing to do with those we pinned
   * - `fork`: both begin alike and part later; the fingerprints are those of the newest operation of each
   * - `none`: what it shows now continues what we pinned
   */
  why: z.enum(['genesis', 'fork', 'none']),
  pinned: z.string(),
  shown: z.string(),
})
export type KeyConflict = z.output<typeof KeyConflict>

export const getKeyConflict = endpoint({
  method: 'GET',
  url: '/api/peers/:node/key-conflict',
  summary: 'Looks at the keys that a company shows now, beside those that were pinned.',
  policy: 'admin',
  params: onePeer,
  reply: { status: 200, schema: KeyConflict },
})

export const repinPeer = endpoint({
  method: 'POST',
  url: '/api/peers/:node/repin',
  summary: 'Pins the keys that a company shows now, after its administrator has read out their fingerprint.',
  policy: 'admin',
  params: onePeer,
  /** What was read out; `wrong-fingerprint` when the company shows something else. */
  body: z.strictObject({ fingerprint: z.string().min(1).max(200) }),
  reply: { status: 200, schema: Peer },
})
