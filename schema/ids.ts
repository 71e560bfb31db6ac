import { z } from 'zod'

// The ids of the protocol and their exact grammars. Nothing on the wire is ever
// normalised: a text either is the id, byte for byte, or it is refused.

const domainLabel = '(?!-)[a-z0-9-]{1,63}(?<!-)'
// The last label begins with a letter, so that no IPv4 spelling (1.2.3.4, 0x7f.1) is a domain.
const domain = `(?=.{4,253}(?:$|[^a-z0-9.-]))(?:${domainLabel}\\.)+(?![0-9])${domainLabel}`
const hashText = '[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]'

/** A workspace's domain, lower-case A-labels: `acme.example`. */
export const NodeId = z
  .string()
  .regex(new RegExp(`^${domain}$`))
  .brand('NodeId')
export type NodeId = z.output<typeof NodeId>

/** A person as the protocol sees them: `u_` + 128 random bits in base32, and the node that vouches for them. */
export const UserId = z
  .string()
  .regex(new RegExp(`^u_[a-z2-7]{26}@${domain}$`))
  .brand('UserId')
export type UserId = z.output<typeof UserId>

/** The node itself as the sender of an event that its host makes: `node@acme.example`. */
export const NodeSender = z
  .string()
  .regex(new RegExp(`^node@${domain}$`))
  .brand('NodeSender')
export type NodeSender = z.output<typeof NodeSender>

/** SHA-256, base64url without padding, canonical (43 characters, the two spare bits zero). */
export const Hash = z
  .string()
  .regex(new RegExp(`^${hashText}$`))
  .brand('Hash')
export type Hash = z.output<typeof Hash>

/** A group, thread or dm: `s_` + the event hash of its genesis. */
export const SpaceId = z
  .string()
  .regex(new RegExp(`^s_${hashText}$`))
  .brand('SpaceId')
export type SpaceId = z.output<typeof SpaceId>

/** Chosen by the author's node; UUIDv7 in lower case. Unique per (space, origin). */
export const EventId = z
  .string()
  .regex(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  .brand('EventId')
export type EventId = z.output<typeof EventId>

/** An invite's id: 128 random bits, base64url. */
export const InviteId = z
  .string()
  .regex(/^[A-Za-z0-9_-]{21}[AQgw]$/)
  .brand('InviteId')
export type InviteId = z.output<typeof InviteId>

/** What people type to sign in and to be found: `alice`. Unique in its workspace, never on the wire as an identity. */
export const Handle = z
  .string()
  .regex(/^[a-z](?:[a-z0-9]|[._-](?=[a-z0-9])){0,31}$/)
  .brand('Handle')
export type Handle = z.output<typeof Handle>

/** A federated address as people write it: `@bob:globex.example`. */
export const Address = z
  .string()
  .regex(new RegExp(`^@[a-z](?:[a-z0-9]|[._-](?=[a-z0-9])){0,31}:${domain}$`))
  .brand('Address')
export type Address = z.output<typeof Address>

/** Splits `@bob:globex.example` into handle and node. */
export function partsOfAddress(address: Address): { handle: Handle; node: NodeId } {
  const colon = address.indexOf(':')
  return { handle: address.slice(1, colon) as Handle, node: address.slice(colon + 1) as NodeId }
}

/** The node that vouches for a user, or that made a host's event. */
export function nodeOf(sender: UserId | NodeSender): NodeId {
  return sender.slice(sender.indexOf('@') + 1) as NodeId
}

/** The sender of the events that a host makes in its own name. */
export function nodeSender(node: NodeId): NodeSender {
  return `node@${node}` as NodeSender
}
