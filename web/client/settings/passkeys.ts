import type { listPasskeys, Passkey, removePasskey } from '#schema/api/passkeys.ts'
import type { z } from 'zod'
import { hasPasskeys, makePasskey } from '../door/passkey.ts'
import { section } from '../frame/page.ts'
import { call } from '../model/api.ts'
import { askFirst } from '../ui/dialog.ts'
import { h } from '../ui/dom.ts'
import { field, form, typedIn } from '../ui/form.ts'
import { icon } from '../ui/icons.ts'
import { loaded } from '../ui/loaded.ts'
import { dateOf, dateTime } from '../ui/times.ts'

export function passkeysPart(): HTMLElement {
  const list = loaded(
    async () => await call<typeof listPasskeys>({ method: 'GET', url: '/api/passkeys' }),
    ({ passkeys }, again) => [
      h('ul', { class: 'list' }, ...passkeys.map((passkey) => passkeyItem(passkey, again))),
      hasPasskeys() ? makingForm(again) : h('p', { class: 'hint' }, 'This browser has no passkeys.'),
    ],
  )
  return section(
    'Passkeys',
    h('p', { class: 'hint' }, 'Sign in with your fingerprint, your face or the lock of your device.'),
    list.element,
  )
}

function passkeyItem(
  { id, name, createdAt, lastUsedAt }: z.output<typeof Passkey>,
  again: () => Promise<void>,
): HTMLElement {
  const remove = (): void =>
    askFirst(
      {
        title: `Remove “${name}”?`,
        text: [h('p', {}, 'It opens nothing any more. Your device may still show it; remove it there too.')],
        act: 'Remove',
        isDangerous: true,
      },
      async () => {
        await call<typeof removePasskey>({
          method: 'DELETE',
          url: '/api/passkeys/:passkeyId',
          params: { passkeyId: id },
        })
        await again()
      },
    )
  const used = lastUsedAt === null ? 'not used yet' : `used ${dateTime(lastUsedAt)}`
  return h(
    'li',
    { class: 'row' },
    icon('key'),
    h(
      'div',
      { class: 'row-text' },
      h('span', { class: 'name' }, name),
      h('p', { class: 'hint' }, `Made ${dateOf(createdAt)} · ${used}`),
    ),
    h('button', { type: 'button', 'aria-label': `Remove ${name}`, click: remove }, 'Remove'),
  )
}

function makingForm(again: () => Promise<void>): HTMLElement {
  return form(
    { class: 'inline' },
    async (typed) => {
      await makePasskey(typedIn(typed, 'name').trim())
      await again()
    },
    field('A new passkey', { name: 'name', required: true, maxlength: 60, placeholder: 'My phone' }),
    h('button', {}, 'Make it'),
  )
}
