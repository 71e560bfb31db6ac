import type { NodeId } from '#schema/ids.ts'
import type { Context } from '#server/context.ts'
import {
  type ControlMessage,
  finishControlMessage,
  hastenControlMessages,
  listControlMessages,
  listControlNodes,
  postponeControlMessage,
} from '#server/db/control-messages.ts'
import { alone } from '#server/db/open.ts'
import type { ControlKind } from '#server/db/tables.ts'
import { retryDelayMs } from './backoff.ts'
import { restMs } from './exchange/reach.ts'
import { sendEvidence } from './truth/evidence-lane.ts'
import { endFencePauses, listFencedNodes, sendFences } from './removal/send-fences.ts'
import { sendInviteResponse } from './invites/answer.ts'
import { sendInviteAsk } from './invites/ask.ts'
import { sendRevocation } from './invites/revoke.ts'
import { sendInvite } from './invites/send.ts'
import { sendGoodbye } from './partners/goodbye.ts'
import { onReturn } from './exchange/reach.ts'
import { startLane } from './lane.ts'
import type { Sent } from './sent.ts'
import { sendHello } from './partners/trust.ts'

// The control lane: fences first, then introductions and invitations, each peer by itself. What it sends is in the
// database until the other side has answered for good.

const senders: {
  readonly [K in ControlKind]: (context: Context, message: ControlMessage) => Promise<Sent>
} = {
  evidence: sendEvidence,
  hello: sendHello,
  goodbye: sendGoodbye,
  invite: sendInvite,
  'invite-ask': sendInviteAsk,
  'invite-response': sendInviteResponse,
  'invite-revoke': sendRevocation,
}

const messagesAtOnce = 50

export function startControl(context: Context): void {
  onReturn(context, (node) => {
    endFencePauses(context, node)
    context.tasks.spawn(`messages to ${node}`, async () => {
      await hastenControlMessages(alone(context.db), node)
      context.wake.signal('control')
    })
  })
  startLane(context, {
    name: 'control lane',
    lane: 'control',
    isOrders: true,
    topic: 'control',
    due: async () => {
      const waiting = await listControlNodes(context.db, context.clock.now())
      const open = waiting.filter((node) => !isQuiet(context, node))
      return [...new Set([...(await listFencedNodes(context)), ...open])]
    },
    serve: async (node) => (await sendFences(context, node)) && (await sendMessages(context, node)),
  })
}

/** A peer that asks to be left alone is sent its fences and nothing else. */
function isQuiet(context: Context, node: NodeId): boolean {
  return restMs(context, { node, lane: 'control' }) > 0
}

async function sendMessages(context: Context, node: NodeId): Promise<boolean> {
  if (isQuiet(context, node)) return true
  for (const message of await listControlMessages(context.db, node, messagesAtOnce)) {
    if (message.nextAttemptAt > context.clock.now()) continue
    const sent = await senders[message.kind](context, message)
    if (sent.do === 'unreachable') return false
    await note(context, message, sent)
  }
  return true
}

async function note(
  context: Context,
  message: ControlMessage,
  sent: Exclude<Sent, { do: 'unreachable' }>,
): Promise<void> {
  const now = context.clock.now()
  await context.db.transaction().execute(async (tx) => {
    if (sent.do === 'finish') return await finishControlMessage(tx, message.id, now, sent.outcome)
    const until = now + retryDelayMs(message.failures + 1, context.random)
    await postponeControlMessage(tx, message.id, until, sent.why)
  })
}
