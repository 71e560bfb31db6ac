import type { Section } from '../frame/sections.ts'
import { approvalsPage } from './approvals.ts'
import { decisionsPage } from './decisions.ts'
import { disputedPage } from './disputed.ts'
import { membersPage } from './members.ts'
import { exchangesPage } from './exchanges.ts'
import { guestsPage } from './guests.ts'
import { partnersPage } from './partners.ts'
import { policiesPage } from './policies.ts'
import { securityEventsPage } from './security-events.ts'
import { removalsPage } from './removals.ts'
import { whyPage } from './why.ts'

export const adminSections: readonly Section[] = [
  {
    name: 'approvals',
    text: 'Approvals',
    icon: 'check',
    view: approvalsPage,
    count: ({ waiting }) => waiting,
  },
  { name: 'partners', text: 'Partners', icon: 'company', view: partnersPage },
  { name: 'policies', text: 'Policies', icon: 'rules', view: policiesPage },
  { name: 'people', text: 'Members', icon: 'people', view: membersPage },
  { name: 'guests', text: 'Guests', icon: 'person', view: guestsPage },
  { name: 'removals', text: 'Removals', icon: 'remove', view: removalsPage },
  { name: 'decisions', text: 'Decisions', icon: 'shield', view: decisionsPage },
  { name: 'security', text: 'Security events', icon: 'warning', view: securityEventsPage },
  { name: 'disputed', text: 'Disputed', icon: 'warning', view: disputedPage },
  { name: 'why', text: 'Why?', icon: 'search', view: whyPage },
  { name: 'log', text: 'Federation log', icon: 'log', view: exchangesPage },
]
