import { readDocument } from '#federation/document.ts'
import { accept, refuse } from '#federation/outcome.ts'
import { statementKind } from '#federation/statement.ts'
import { readStrictJson } from '#federation/strict-json.ts'
import { domainOf, readTypedEmail } from '#schema/email.ts'
import { NodeId } from '#schema/ids.ts'
import type { Invitee } from '#schema/invitation.ts'
import { limits } from '#schema/limits.ts'
import { WellKnown } from '#schema/wire/well-known.ts'
import type { Context } from '#server/context.ts'
import { Refusal } from '#server/refusal.ts'
import { discover, ensurePeer } from './discover.ts'
import { fetchDocument } from './fetch.ts'
import { Bounded, perNode } from '../per-node.ts'

// Which node speaks for a mail domain (D9). Both have to say so: the domain, by serving the node's well-known
// document, and the node, by naming the domain in its statement. Either alone would let somebody claim another
// company's mail, or have their own mail sent somewhere that does not want it.

type Known = { readonly node: NodeId | null; readonly until: number }

const knownOf = perNode(() => new Bounded<NodeId, Known>(10_000))

/** The node that an invitee's e-mail address belongs to; null when none speaks for it, or nobody was asked by e-mail. */
export async function findNodeOfInvitee(context: Context, to: Invitee): Promise<NodeId | null> {
  if (!('email' in to)) return null
  const email = readTypedEmail(to.email)
  if (email === undefined) throw new Refusal('invalid-address')
  return await findNodeOfDomain(context, NodeId.parse(domainOf(email)))
}

export async function findNodeOfDomain(context: Context, domain: NodeId): Promise<NodeId | null> {
  if (context.config.emailDomains.includes(domain)) return context.node
  const known = knownOf(context)
  const now = context.clock.now()
  const before = known.get(domain)
  if (before && before.until > now) return before.node
  const node = await lookAt(context, domain)
  // Nobody answers at most mail domains; asking them again for each invitation would help nobody.
  const lifeMs = node === null ? limits.discoveryFailureMinMs : limits.mailDomainLifeMs
  known.set(domain, { node, until: now + lifeMs })
  return node
}

async function lookAt(context: Context, domain: NodeId): Promise<NodeId | null> {
  const named = await fetchDocument(context, {
    node: domain,
    authority: domain,
    target: '/.well-known/parley',
    route: '/.well-known/parley',
    contentType: 'application/json',
    bytesMax: limits.wellKnownBytesMax,
    read: readNamedNode,
  })
  if (!named.ok || named.value === context.node) return null
  const claims = await claimsOf(context, named.value)
  return claims.includes(domain) ? named.value : null
}

/** The mail domain serves the document of a node that may have another name, so only whom it names is read here. */
function readNamedNode(body: Uint8Array) {
  const json = readStrictJson(body)
  if (!json.ok) return refuse('json-strict', json.detail)
  const wrapper = WellKnown.safeParse(json.value)
  return wrapper.success ? accept(wrapper.data.node) : refuse('schema', 'well-known')
}

/** The mail domains that a node claims in its own verified statement, which is looked at again when it names others. */
async function claimsOf(context: Context, node: NodeId): Promise<readonly NodeId[]> {
  const found = await ensurePeer(context, node)
  if (!found.ok) return []
  const held = domainsIn(found.peer.statement)
  if (held.length > 0) return held
  const again = await discover(context, node)
  return again.ok ? domainsIn(again.peer.statement) : []
}

function domainsIn(statement: string): readonly NodeId[] {
  const document = readDocument(statement, statementKind)
  return document.ok ? (document.value.payload.email_domains ?? []) : []
}
