import type {
  getInvitationSettings,
  InvitationSettings,
  putInvitationSettings,
} from '#schema/api/contacts.ts'
import type { z } from 'zod'
import { pageView } from '../frame/page.ts'
import { call } from '../model/api.ts'
import { announce, h } from '../ui/dom.ts'
import { choices, form, tick, typedIn } from '../ui/form.ts'
import { loaded } from '../ui/loaded.ts'

type Settings = z.output<typeof InvitationSettings>

/** Whose invitations I see. */
export function invitingPage(): HTMLElement {
  const settings = loaded(
    async () =>
      await call<typeof getInvitationSettings>({ method: 'GET', url: '/api/me/invitation-settings' }),
    (value) => [settingsForm(value)],
  )
  return pageView({ title: 'Who may invite me', back: '#settings' }, settings.element)
}

function settingsForm({ from, confirmDirect }: Settings): HTMLElement {
  const saved = h('span', { class: 'hint', hidden: true }, 'Saved.')
  return form(
    {},
    async (typed) => {
      await call<typeof putInvitationSettings>({
        method: 'PUT',
        url: '/api/me/invitation-settings',
        body: {
          from: typedIn(typed, 'from') === 'contacts' ? 'contacts' : 'everybody',
          confirmDirect: typed.has('confirmDirect'),
        },
      })
      saved.hidden = false
      announce('Saved.')
    },
    choices({ label: 'Invitations of people of other companies', name: 'from', value: from }, [
      {
        value: 'everybody',
        text: 'From everybody',
        hint: 'Whom the policies of your workspace let through.',
      },
      {
        value: 'contacts',
        text: 'From contacts only',
        hint: 'People you share something with now, or have pinned.',
      },
    ]),
    tick(
      'Ask me before a contact begins a direct conversation',
      { name: 'confirmDirect', checked: confirmDirect },
      'Otherwise it begins at once.',
    ),
    h('div', { class: 'choices' }, h('button', { class: 'main' }, 'Save'), saved),
  )
}
