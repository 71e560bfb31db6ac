import { actorOfToken } from '#server/domain/sessions.ts'
import { openNode } from '#server/node.ts'
import { openHub } from '#server/realtime/hub.ts'
import { openStream } from '#server/realtime/stream.ts'

/** The ways into the product; a planted bug brings them from a changed copy of its modules. */
export const product = { openNode, openHub, openStream, actorOfToken }
export type Product = typeof product
