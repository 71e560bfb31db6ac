import type { createEnrolment } from '#schema/api/enrolments.ts'
import { pageView, section } from '../frame/page.ts'
import { call } from '../model/api.ts'
import { copyable } from '../ui/copyable.ts'
import { h, replace } from '../ui/dom.ts'
import { form } from '../ui/form.ts'
import { fromNow } from '../ui/times.ts'

export function enrolmentPage(): HTMLElement {
  return pageView({ title: 'People', back: '#admin' }, section('New members', enrolmentForm()))
}

/** Makes links for new members of the workspace. */
export function enrolmentForm(): HTMLElement {
  const made = h('div', { role: 'status' })
  return form(
    {},
    async () => {
      const { link, expiresAt } = await call<typeof createEnrolment>({
        method: 'POST',
        url: '/api/enrolments',
        body: {},
      })
      replace(
        made,
        copyable('The link', link, `For one person. It ends ${fromNow(expiresAt)}, and is not shown again.`),
      )
    },
    h('p', { class: 'hint' }, 'Whoever opens the link chooses a handle and a password, and is a member.'),
    h('div', { class: 'choices' }, h('button', { class: 'main' }, 'Make a link')),
    made,
  )
}
