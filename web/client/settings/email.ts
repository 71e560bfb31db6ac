import type { confirmEmail, requestEmailCode } from '#schema/api/codes.ts'
import { codeField, codeIn } from '../door/code.ts'
import { section } from '../frame/page.ts'
import { call } from '../model/api.ts'
import type { Model } from '../model/model.ts'
import { h } from '../ui/dom.ts'
import { field, form, typedIn } from '../ui/form.ts'

/** The address whose codes sign me in, proved by a code. */
export function emailPart(model: Model): HTMLElement {
  let challenge: string | undefined
  const code = h('div', {})
  const done = h('p', { class: 'hint', role: 'status' })
  const button = h('button', {}, 'Send me a code')
  const isGuest = model.me.role === 'guest'
  return section(
    'E-mail address',
    h(
      'p',
      { class: 'hint' },
      isGuest
        ? 'Codes that sign you in are mailed to it. Nobody else sees it.'
        : 'Codes that sign you in are mailed to it, and invitations to it reach you here. Nobody else sees it.',
    ),
    form(
      {},
      async (typed) => {
        if (challenge === undefined) {
          const reply = await call<typeof requestEmailCode>({
            method: 'POST',
            url: '/api/me/email',
            body: { email: typedIn(typed, 'email').trim() },
          })
          challenge = reply.challenge
          code.replaceChildren(codeField())
          code.querySelector('input')?.focus()
          button.textContent = 'Confirm'
          return
        }
        const { email } = await call<typeof confirmEmail>({
          method: 'POST',
          url: '/api/me/email/confirm',
          body: { challenge, code: codeIn(typed) },
        })
        challenge = undefined
        code.replaceChildren()
        button.textContent = 'Send me a code'
        done.textContent = `${email} is yours.`
      },
      field('Address', { name: 'email', type: 'email', required: true, autocomplete: 'email' }),
      code,
      h('div', { class: 'choices' }, button),
      done,
    ),
  )
}
