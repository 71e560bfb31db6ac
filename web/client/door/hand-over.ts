import type { handOverMailInvitation } from '#schema/api/mail-invitations.ts'
import { call } from '../model/api.ts'
import { h } from '../ui/dom.ts'
import { field, form, typedIn } from '../ui/form.ts'
import { showAlone, wayBack } from './alone.ts'
import { codeField, codeIn, sendInvitationCode } from './code.ts'

type Mailed = {
  readonly email: string
  /** Can a code be mailed? Not where the link was handed over by hand. */
  readonly needsCode: boolean
}

/** Where a person's own workspace is; they go on there. */
export function showHandOver(
  { root, token }: { readonly root: HTMLElement; readonly token: string },
  { email, needsCode }: Mailed,
  back: () => void,
): void {
  const domain = email.slice(email.lastIndexOf('@') + 1)
  let challenge: string | undefined
  const code = h('div', {})
  const button = h('button', { class: 'main' }, 'Go there')
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
        const node = typedIn(typed, 'node').trim()
        // A workspace speaks for the addresses of its own domain; any other address is proved by a code first.
        if (needsCode && node.toLowerCase() !== domain && challenge === undefined) {
          challenge = await sendInvitationCode(token)
          code.replaceChildren(
            h(
              'p',
              { class: 'hint' },
              `${node} does not speak for ${email}. A code shows that the address is yours.`,
            ),
            codeField(),
          )
          code.querySelector('input')?.focus()
          return
        }
        const proof = challenge === undefined ? {} : { proof: { challenge, code: codeIn(typed) } }
        const { url } = await call<typeof handOverMailInvitation>({
          method: 'POST',
          url: '/api/mail-invitations/hand-over',
          body: { token, node, ...proof },
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
      code,
      button,
    ),
    wayBack('Back to the invitation', back),
  )
}
