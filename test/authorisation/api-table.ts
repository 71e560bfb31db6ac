import { accounts } from './api/accounts.ts'
import { companies } from './api/companies.ts'
import { contacts } from './api/contacts.ts'
import { guests } from './api/guests.ts'
import { invitations } from './api/invitations.ts'
import { operating } from './api/operating.ts'
import { policies } from './api/policies.ts'
import { removals } from './api/removals.ts'
import { signIn } from './api/sign-in.ts'
import { spaces } from './api/spaces.ts'
import type { Fixtures } from './api/fixture.ts'

// What each route of the client API is asked for, and what its door needs. Everything else follows from the policy
// that its contract declares: who is not signed in, not a member of the workspace or not an administrator is told
// so, whatever stands here.

export const fixtures: Fixtures = {
  ...accounts,
  ...signIn,
  ...guests,
  ...contacts,
  ...spaces,
  ...removals,
  ...invitations,
  ...companies,
  ...policies,
  ...operating,
  // Last, because it ends the session that asks.
  'DELETE /api/sessions/current': { door: 'none', ask: () => ({}), changes: true },
}
