import { z } from 'zod'

// What a workspace allows between itself and other companies. One document for the workspace, and for each partner
// what differs from it. Deciding by it is `server/policy/decide.ts`; every decision names the rule it came from.

/** Fields of a profile, beside the name, that other companies may see. */
export const profileFields = ['title', 'timeZone', 'statusText', 'organisation'] as const
export const ProfileField = z.enum(profileFields)
export type ProfileField = z.output<typeof ProfileField>

/** What may be set for one partner as well. */
const perPartner = {
  /** Who may bring people of other companies into a space: everybody who may invite there, administrators, nobody. */
  inviteExternals: z.enum(['members', 'admins', 'nobody']),
  /** Does an administrator approve invitations before they leave? */
  approveOutgoing: z.boolean(),
  /** Does an administrator approve invitations to our people before they see them? Trusted partners: no. */
  approveIncoming: z.boolean(),
  /** May their people write to ours directly: everybody's, only their contacts', or nobody's? */
  directMessages: z.enum(['everybody', 'contacts', 'nobody']),
  /**
   * A company arrives in a space that this partner hosts: go on, hold the space until an administrator has decided, or
   * hold it until we have left.
   */
  transitive: z.enum(['allow', 'ask', 'deny']),
  /** How long they serve our history without hearing from us: a day, or a quarter of an hour. */
  lease: z.enum(['standard', 'strict']),
}

export const WorkspacePolicy = z.strictObject({
  ...perPartner,
  /** Who may become a partner: whoever asks, whom an administrator approves, or only whom one has named before. */
  inbound: z.enum(['open', 'approval', 'allow-list']),
  /** May a space that has one other company in it take in another one? */
  thirdCompanies: z.enum(['allow', 'deny']),
  /** May people without a workspace of their own have free accounts here? */
  guests: z.boolean(),
  /** The same for all partners, because identity documents are passed on. */
  profileFields: z.array(ProfileField).max(profileFields.length),
  /** The external badge also beside names inside conversations and group names in the inbox. */
  badgesEverywhere: z.boolean(),
})
export type WorkspacePolicy = z.output<typeof WorkspacePolicy>

/** What is different for one partner. */
export const PartnerPolicy = z.strictObject(perPartner).partial()
export type PartnerPolicy = z.output<typeof PartnerPolicy>

/** What is stricter in one space; null where it is as everywhere. */
export const SpacePolicy = z.strictObject({ inviteExternals: perPartner.inviteExternals.nullable() })
export type SpacePolicy = z.output<typeof SpacePolicy>

export const defaultPolicy: WorkspacePolicy = {
  inviteExternals: 'members',
  approveOutgoing: false,
  approveIncoming: false,
  directMessages: 'everybody',
  transitive: 'ask',
  lease: 'standard',
  inbound: 'approval',
  thirdCompanies: 'allow',
  guests: true,
  profileFields: ['title', 'timeZone', 'organisation'],
  badgesEverywhere: false,
}
