import {
  bringEvidence,
  compareHeads,
  getHead,
  getSnapshot,
  listThreads,
  pullEntries,
  pushEntries,
  submitEvents,
} from '#schema/wire/endpoints.ts'
import type { Context } from '#server/context.ts'
import { receivePush } from '#server/peers/log/push.ts'
import * as log from '#server/peers/log/serve-log.ts'
import { serveSnapshot } from '#server/peers/log/snapshots.ts'
import { receiveSubmission } from '#server/peers/log/submissions.ts'
import { receiveEvidence } from '#server/peers/truth/evidence-lane.ts'
import { compareHeadsWith } from '#server/peers/truth/compare.ts'
import { serveHead } from '#server/peers/truth/heads.ts'
import type { App } from '../serve.ts'
import { servePeer } from './serve.ts'

export function spaceRoutes(app: App, context: Context): void {
  servePeer(
    app,
    context,
    pushEntries,
    async ({ peer, params, body }) => await receivePush(context, peer.node, params.space, body),
  )

  servePeer(
    app,
    context,
    pullEntries,
    async ({ peer, params, query }) => await log.serveEntries(context, peer.node, params.space, query),
  )

  servePeer(
    app,
    context,
    getSnapshot,
    async ({ peer, params, query }) => await serveSnapshot(context, peer.node, params.space, query),
  )

  servePeer(
    app,
    context,
    listThreads,
    async ({ peer, params, query }) => await log.serveThreads(context, peer.node, params.space, query.after),
  )

  servePeer(
    app,
    context,
    submitEvents,
    async ({ peer, params, body }) => await receiveSubmission(context, peer.row, params.space, body),
  )

  servePeer(
    app,
    context,
    compareHeads,
    async ({ peer, body }) => await compareHeadsWith(context, peer.node, body),
  )

  servePeer(
    app,
    context,
    getHead,
    async ({ peer, params }) => await serveHead(context, peer.node, params.space),
  )

  servePeer(
    app,
    context,
    bringEvidence,
    async ({ peer, params, body }) => await receiveEvidence(context, peer.node, params.space, body),
  )
}
