import type { handOverMailInvitation } from '#schema/api/mail-invitations.ts'
import { call } from '../model/api.ts'
import { h } from '../ui/dom.ts'
import { field, form, typedIn } from '../ui/form.ts'
import { showAlone, wayBack } from './alone.ts'

/** Where a person's own workspace is; they go on there. */
export function showHandOver(
  { root, token }: { readonly root: HTMLElement; readonly token: string },
  { email }: { readonly email: string },
  back: () => void,
): void {
  const domain = email.slice(email.lastIndexOf('@') + 1)
  showAlone(
    root,
    'Your workspace',
    h(
      'p',
      { class: 'lead' },
      'You are sent to the page of your own company, and take the invitation up there.',
    ),
    form(
      { class: 'card' },
      async (typed) => {
        const { url } = await call<typeof handOverMailInvitation>({
          method: 'POST',
          url: '/api/mail-invitations/hand-over',
          body: { token, node: typedIn(typed, 'node').trim() },
        })
        location.assign(url)
      },
      field(
        'Domain of your company',
        {
          name: 'node',
          required: true,
          autofocus: true,
          autocapitalize: 'none',
          autocomplete: 'off',
          value: domain,
        },
        'Where its Parley is, such as globex.example.',
      ),
      h('button', { class: 'main' }, 'Go there'),
    ),
    wayBack('Back to the invitation', back),
  )
}
