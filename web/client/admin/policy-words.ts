import type { PartnerPolicy, WorkspacePolicy } from '#schema/policy.ts'

// What the policies say, in words. Every rule stands here once, for the forms and for what was decided.

type Choice = { readonly value: string; readonly text: string; readonly hint?: string }

export type Rule<Name extends string> = {
  readonly name: Name
  readonly label: string
  readonly choices: readonly Choice[]
}

const onOff = (on: string, off: string): Choice[] => [
  { value: 'true', text: on },
  { value: 'false', text: off },
]

/** What may be different for one partner. */
export const partnerRules: readonly Rule<keyof PartnerPolicy>[] = [
  {
    name: 'inviteExternals',
    label: 'Who may bring in people of other companies',
    choices: [
      { value: 'members', text: 'Everybody who may invite there' },
      { value: 'admins', text: 'Administrators' },
      { value: 'nobody', text: 'Nobody' },
    ],
  },
  {
    name: 'approveOutgoing',
    label: 'Invitations to them',
    choices: onOff('Leave when an administrator has approved', 'Leave at once'),
  },
  {
    name: 'approveIncoming',
    label: 'Invitations from them',
    choices: onOff('Are shown when an administrator has approved', 'Are shown at once'),
  },
  {
    name: 'directMessages',
    label: 'Who may be written to directly',
    choices: [
      { value: 'everybody', text: 'Everybody' },
      { value: 'contacts', text: 'Only by their contacts' },
      { value: 'nobody', text: 'Nobody' },
    ],
  },
  {
    name: 'transitive',
    label: 'When a company arrives in what they host',
    choices: [
      { value: 'allow', text: 'Go on' },
      { value: 'ask', text: 'Hold it and ask an administrator' },
      { value: 'deny', text: 'Hold it until we have left' },
    ],
  },
  {
    name: 'lease',
    label: 'How long they show our history without hearing from us',
    choices: [
      { value: 'standard', text: 'A day' },
      { value: 'strict', text: 'A quarter of an hour' },
    ],
  },
]

/** What holds for the workspace as a whole. */
export const workspaceRules: readonly Rule<keyof WorkspacePolicy>[] = [
  {
    name: 'inbound',
    label: 'Who may become a partner',
    choices: [
      { value: 'open', text: 'Whoever asks' },
      { value: 'approval', text: 'Whom an administrator approves' },
      { value: 'allow-list', text: 'Only who is named as welcome' },
    ],
  },
  {
    name: 'thirdCompanies',
    label: 'A third company in one group or thread',
    choices: [
      { value: 'allow', text: 'May come' },
      { value: 'deny', text: 'May not come' },
    ],
  },
  {
    name: 'guests',
    label: 'Free accounts for people without a workspace',
    choices: onOff('Yes', 'No'),
  },
  {
    name: 'badgesEverywhere',
    label: 'The external badge inside conversations and in the inbox too',
    choices: onOff('Yes', 'No'),
  },
]

export const fieldWords: Readonly<Record<WorkspacePolicy['profileFields'][number], string>> = {
  title: 'Title',
  timeZone: 'Time zone',
  statusText: 'Status',
  organisation: 'Name of the company',
}
