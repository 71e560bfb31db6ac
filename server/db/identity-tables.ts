import type { Email } from '#schema/email.ts'
import type { NodeId, UserId } from '#schema/ids.ts'
import type { Generated } from 'kysely'

// The part of the tables that says who people are and how they prove it (tables.ts).

export type IdentityTables = {
  user: {
    id: UserId
    node: NodeId
    name: string
    kind: Generated<'member' | 'guest' | 'bot'>
    status: Generated<'active' | 'suspended' | 'deleted'>
    identityVersion: number
    title: Generated<string | null>
    timeZone: Generated<string | null>
    statusText: Generated<string | null>
    organisation: Generated<string | null>
    /** What the name looks like (UTS #39). */
    skeleton: Generated<string | null>
    /** When the hour began in which so many changes of the profile were made. */
    changesSince: Generated<number>
    changes: Generated<number>
  }
  session: {
    tokenHash: string
    userId: UserId
    createdAt: number
    expiresAt: number
    device: string | null
  }
  passkey: {
    /** Credential id, base64url. */
    id: string
    userId: UserId
    publicKey: string
    counter: number
    /** As a JSON array. */
    transports: string
    name: string
    createdAt: number
    lastUsedAt: number | null
  }
  passkeyChallenge: { hash: string; userId: UserId | null; expiresAt: number }
  code: {
    challengeHash: string
    email: Email
    codeHash: string
    attempts: Generated<number>
    isMailed: boolean
    createdAt: number
    expiresAt: number
  }
  guestMove: { tokenHash: string; userId: UserId; expiresAt: number }
  guestLink: {
    guest: UserId
    userId: UserId
    claim: string
    link: string
    at: number
    doneAt: number | null
  }
  identity: {
    userId: UserId
    version: number
    expiresAt: number
    jws: string
    /** When the hour began in which so many versions came. */
    changesSince: Generated<number>
    changes: Generated<number>
  }
  vouching: {
    id: Generated<number>
    /** Profile fields that our documents state, as a JSON array. */
    fields: string
    organisation: string | null
  }
  identityPush: {
    userId: UserId
    node: NodeId
    version: number
    expiresAt: number
    failures: number
    /** 0 when it was taken. */
    retryAt: number
  }
}
