import {
  guestClaimKind,
  guestLinkKind,
  hashOfClaim,
  isOwnClaim,
  signGuestClaim,
  signGuestLink,
} from '#federation/claim.ts'
import { type NodeId, nodeOf, type UserId } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import { claimGuest as claimContract, lookUpGuest } from '#schema/wire/endpoints.ts'
import type { Context } from '#server/context.ts'
import { insertAudit } from '#server/db/audit.ts'
import { addContact } from '#server/db/contacts.ts'
import {
  deleteUnansweredClaim,
  findGuestLink,
  findGuestMove,
  insertGuestLink,
  listMoveLetters,
  putGuestLink,
  takeGuestMove,
} from '#server/db/guest-links.ts'
import { alone } from '#server/db/open.ts'
import { deleteSessionsOf } from '#server/db/sessions.ts'
import { hashToken } from '#server/domain/tokens.ts'
import { queueAnswer } from '#server/policy/answer.ts'
import { newUuid } from '#server/ports/random.ts'
import { Refusal } from '#server/refusal.ts'
import { signedIdentity } from '#server/vouch.ts'
import { callPeer } from '../exchange/call.ts'
import { currentIdentity } from '../identities/identities.ts'
import { expectAnswer } from './claims.ts'
import { expectSigned } from '../exchange/signed.ts'

// A guest account of one node becomes somebody of another (C4, C5): the home node claims it in the name of its user,
// and the node that vouched for the guest signs that it is so. Places go over afterwards, each by a letter.

type Claiming = { readonly node: NodeId; readonly token: string }

/** Claims a guest account for somebody here. Asked twice, it is claimed once. */
export async function claimGuest(
  context: Context,
  { userId: user }: { readonly userId: UserId },
  { node, token }: Claiming,
): Promise<{ status: 'claimed' }> {
  if (node === context.node) throw new Refusal('link-invalid')
  const { guest } = expectAnswer(await callPeer(context, node, { contract: lookUpGuest, body: { token } }))
  if (nodeOf(guest) !== node) throw new Refusal('link-invalid')
  const claim = await noteClaim(context, { node, guest, user })
  const identity = await signedIdentity(context, context.db, user)
  const answer = await callPeer(context, node, { contract: claimContract, body: { token, claim, identity } })
  if (!answer.ok && 'refused' in answer) {
    await deleteUnansweredClaim(alone(context.db), { guest, user })
  }
  await keepLink(context, { node, guest, user, claim }, expectAnswer(answer).link)
  await acceptPlaces(context)
  return { status: 'claimed' }
}

/** Signed and stored before the other side knows of it: its letters may be here before its answer. */
async function noteClaim(context: Context, { node, guest, user }: Omit<Claim, 'claim'>): Promise<string> {
  const at = context.clock.now()
  const claim = signGuestClaim({ v: 1, iss: context.node, aud: node, guest, user, at }, context.keys.signer)
  return await context.db.transaction().execute(async (tx) => {
    const before = await findGuestLink(tx, guest)
    if (before?.userId === user) return before.claim
    if (before && before.link !== '') throw new Refusal('link-invalid')
    await putGuestLink(tx, { guest, userId: user, claim, link: '', at, doneAt: at })
    // Who invites from now on is themself, whatever they let others do.
    await addContact(tx, user, guest, at)
    const id = newUuid(context.clock, context.random)
    await insertAudit(tx, { id, at, actor: user, act: 'guest.claim', subject: guest })
    return claim
  })
}

type Claim = { readonly node: NodeId; readonly guest: UserId; readonly user: UserId; readonly claim: string }

/** The other half, if it is one: signed by the guest's node, about this claim. */
async function keepLink(context: Context, { node, guest, user, claim }: Claim, text: string): Promise<void> {
  const { payload } = await expectSigned(context, node, text, guestLinkKind)
  const isOurs = payload.guest === guest && payload.user === user && payload.claim === hashOfClaim(claim)
  if (!isOurs) throw new Refusal('link-invalid')
  const at = context.clock.now()
  await context.db
    .transaction()
    .execute(async (tx) => await putGuestLink(tx, { guest, userId: user, claim, link: text, at, doneAt: at }))
}

/** Which guest a token stands for. */
export async function receiveGuestLookup(context: Context, token: string): Promise<{ guest: UserId }> {
  const guest = await findGuestMove(context.db, hashToken(token), context.clock.now())
  if (guest === undefined) throw new Refusal('link-invalid')
  return { guest }
}

type Claimed = { readonly token: string; readonly claim: string; readonly identity: string }

/** Another node claims a guest of ours, who gave it the token. What they are signed in to here ends. */
export async function receiveGuestClaim(
  context: Context,
  node: NodeId,
  { token, claim: text, identity }: Claimed,
): Promise<{ link: string }> {
  const { payload: claim } = await expectSigned(context, node, text, guestClaimKind)
  if (!isOwnClaim(claim)) throw new Refusal('schema', { detail: 'claim' })
  const { guest, user } = claim
  const before = await findGuestLink(context.db, guest)
  // The same claim again, after a crash that lost our answer.
  const hash = hashOfClaim(text)
  if (hash === undefined) throw new Refusal('schema', { detail: 'claim' })
  if (before && hashOfClaim(before.claim) === hash) return { link: before.link }
  const current = await currentIdentity(context, identity, user)
  if (!current.ok) throw new Refusal(current.code, { detail: current.detail ?? 'identity' })
  if (current.value.kind === 'guest') throw new Refusal('no-right')
  const at = context.clock.now()
  const link = signGuestLink(
    { v: 1, iss: context.node, aud: node, guest, user, claim: hash, at },
    context.keys.signer,
  )
  await context.db.transaction().execute(async (tx) => {
    if ((await takeGuestMove(tx, hashToken(token), at)) !== guest) throw new Refusal('link-invalid')
    const isFirst = await insertGuestLink(tx, { guest, userId: user, claim: text, link, at, doneAt: null })
    if (!isFirst) throw new Refusal('link-invalid')
    await deleteSessionsOf(tx, guest)
    const id = newUuid(context.clock, context.random)
    await insertAudit(tx, { id, at, actor: guest, act: 'guest.move', subject: user })
  })
  context.live.end({ user: guest })
  context.wake.signal('guests')
  return { link }
}

const lettersAtOnceMax = 200

/** Says yes to the letters that bring somebody here the places of the guest that they were. */
export async function acceptPlaces(context: Context): Promise<void> {
  const { db, node } = context
  for (const row of await listMoveLetters(db, node, lettersAtOnceMax)) {
    await db.transaction().execute(async (tx) => await queueAnswer(context, tx, row, { answer: 'accept' }))
    context.wake.signal('control')
  }
}

/** Looks whenever a letter came, and soon after a crash or a lost wake-up. */
export function startGuestClaims(context: Context): void {
  context.wake.listen('invitations', () => {
    context.tasks.spawn('places of guests', async () => await acceptPlaces(context))
  })
  context.tasks.every('places of guests', limits.sweepMs, async () => await acceptPlaces(context))
}
