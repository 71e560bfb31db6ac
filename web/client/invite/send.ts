import type { invite } from '#schema/api/invitations.ts'
import type { addMember } from '#schema/api/spaces.ts'
import type { HistoryWish } from '#schema/history.ts'
import type { NodeId } from '#schema/ids.ts'
import type { Space } from '#schema/space.ts'
import { call, newKey } from '../model/api.ts'
import type { Model } from '../model/model.ts'
import { nameOfPicked, type Picked } from '../people/suggest.ts'
import { copyable } from '../ui/copyable.ts'
import { h } from '../ui/dom.ts'
import { inviteesOf } from './companies.ts'

/** On which terms somebody is brought in. */
export type Terms = {
  readonly role: 'reader' | 'poster' | 'member'
  readonly history: HistoryWish
  readonly companies: readonly NodeId[]
}

type Where = Pick<Space, 'id' | 'host'>

/**
 * Brings one person into a space. Colleagues are added at once where we host it; everybody else is asked. The link
 * comes back when somebody without a workspace has to be given it by hand.
 */
async function bring(
  model: Model,
  space: Where,
  one: Picked,
  { role, history, companies }: Terms,
): Promise<string | null> {
  const params = { spaceId: space.id }
  if (one.by === 'handle' && space.host === model.me.node) {
    await call<typeof addMember>({
      method: 'POST',
      url: '/api/spaces/:spaceId/members',
      params,
      key: newKey(),
      body: { handle: one.handle, role, history },
    })
    return null
  }
  const [to] = one.by === 'handle' ? [{ user: one.person.id }] : inviteesOf(one)
  if (!to) return null
  const { link } = await call<typeof invite>({
    method: 'POST',
    url: '/api/spaces/:spaceId/invitations',
    params,
    body: { to, role, history, companies: [...companies] },
  })
  return link
}

type Brought = { readonly one: Picked; readonly link: string | null }

/** One after the other; who could not be brought in does not stop the rest. */
export async function bringAll(
  model: Model,
  space: Where,
  people: readonly Picked[],
  terms: Terms,
): Promise<{ brought: Brought[]; failures: string[] }> {
  const brought: Brought[] = []
  const failures: string[] = []
  for (const one of people) {
    try {
      brought.push({ one, link: await bring(model, space, one, terms) })
    } catch (error) {
      failures.push(`${nameOfPicked(one)}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  return { brought, failures }
}

/** Where this node sends no mail, the inviter hands the link over. */
export function outcomeOf({ one, link }: Brought): HTMLElement {
  const name = nameOfPicked(one)
  if (link === null) return h('p', { class: 'hint' }, `${name} is invited.`)
  return copyable(
    `Link for ${name}`,
    link,
    'This node sends no mail: hand the link over yourself. It is for one person.',
  )
}
