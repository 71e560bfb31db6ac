import type { createEnrolment } from '#schema/api/enrolments.ts'
import { call } from '../model/api.ts'
import { copyable } from '../ui/copyable.ts'
import { h, replace } from '../ui/dom.ts'
import { field, form, typedIn } from '../ui/form.ts'
import { fromNow } from '../ui/times.ts'

/** Makes links for new members of the workspace. */
export function enrolmentForm(): HTMLElement {
  const made = h('div', { role: 'status' })
  return form(
    {},
    async (typed) => {
      const email = typedIn(typed, 'email').trim()
      const { link, expiresAt } = await call<typeof createEnrolment>({
        method: 'POST',
        url: '/api/enrolments',
        body: email === '' ? {} : { email },
      })
      replace(
        made,
        copyable('The link', link, `For one person. It ends ${fromNow(expiresAt)}, and is not shown again.`),
      )
    },
    h('p', { class: 'hint' }, 'Whoever opens the link chooses a handle and a password, and is a member.'),
    field(
      'E-mail address, if you like',
      { name: 'email', type: 'email', autocomplete: 'off' },
      'The link is mailed there too, and codes to that address sign them in.',
    ),
    h('div', { class: 'choices' }, h('button', { class: 'main' }, 'Make a link')),
    made,
  )
}
