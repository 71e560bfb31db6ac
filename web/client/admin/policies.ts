import type { getPolicies, putPolicies } from '#schema/api/policies.ts'
import { pageView } from '../frame/page.ts'
import { call } from '../model/api.ts'
import { loaded } from '../ui/loaded.ts'
import { workspaceForm } from './policy-form.ts'

/** What the workspace allows between itself and other companies. */
export function policiesPage(): HTMLElement {
  const policies = loaded(
    async () => await call<typeof getPolicies>({ method: 'GET', url: '/api/policies' }),
    (policy) => [
      workspaceForm(policy, async (next) => {
        await call<typeof putPolicies>({ method: 'PUT', url: '/api/policies', body: next })
      }),
    ],
  )
  return pageView(
    {
      title: 'Policies',
      about: 'For all companies. What is different for one stands on its page under Partners.',
      back: '#admin',
    },
    policies.element,
  )
}
