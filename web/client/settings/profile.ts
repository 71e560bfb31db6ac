import type { changeMe, Me } from '#schema/api/accounts.ts'
import { pageView, section } from '../frame/page.ts'
import { call } from '../model/api.ts'
import type { Model } from '../model/model.ts'
import { copyable } from '../ui/copyable.ts'
import { announce, h } from '../ui/dom.ts'
import { face } from '../ui/face.ts'
import { field, form, typedIn } from '../ui/form.ts'
import { movingPart } from './moving.ts'

const roleWords: Readonly<Record<Me['role'], string>> = {
  owner: 'Owner of the workspace',
  admin: 'Administrator of the workspace',
  member: 'Member of the workspace',
  guest: 'Guest, with a free account',
}

/** Who I am, to colleagues and, as far as the workspace allows it, to people of other companies. */
export function profilePage(model: Model): HTMLElement {
  const { me } = model
  return pageView(
    { title: 'Profile', back: '#settings' },
    h(
      'div',
      { class: 'card' },
      h(
        'div',
        { class: 'card-head' },
        face(me.name, me.id),
        h('div', {}, h('p', { class: 'name' }, me.name), h('p', { class: 'hint' }, roleWords[me.role])),
      ),
      me.handle !== null &&
        copyable('Your address', `@${me.handle}:${me.node}`, 'People of other companies invite you by it.'),
    ),
    section('What others see', profileForm(model)),
    me.role === 'guest' && movingPart(),
  )
}

function profileForm(model: Model): HTMLElement {
  const { me } = model
  const saved = h('span', { class: 'hint', hidden: true }, 'Saved.')
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone
  return form(
    {},
    async (typed) => {
      const next = await call<typeof changeMe>({
        method: 'PATCH',
        url: '/api/me',
        body: {
          name: typedIn(typed, 'name').trim(),
          title: textOrNull(typed, 'title'),
          timeZone: textOrNull(typed, 'timeZone'),
          statusText: textOrNull(typed, 'statusText'),
        },
      })
      Object.assign(me, next)
      model.changed('inbox')
      saved.hidden = false
      announce('Saved.')
    },
    field('Name', { name: 'name', required: true, maxlength: 80, value: me.name, autocomplete: 'name' }),
    field('Title', {
      name: 'title',
      maxlength: 80,
      value: me.title ?? '',
      autocomplete: 'organization-title',
      placeholder: 'Head of launches',
    }),
    field('Status', { name: 'statusText', maxlength: 80, value: me.statusText ?? '', autocomplete: 'off' }),
    field(
      'Time zone',
      { name: 'timeZone', maxlength: 80, value: me.timeZone ?? '', placeholder: here, autocomplete: 'off' },
      `As in ${here}. Empty: nobody sees one.`,
    ),
    h(
      'p',
      { class: 'hint' },
      'Your workspace decides which of these fields other companies see. Your e-mail address is never one of them.',
    ),
    h('div', { class: 'choices' }, h('button', { class: 'main' }, 'Save'), saved),
  )
}

function textOrNull(typed: FormData, name: string): string | null {
  const text = typedIn(typed, name).trim()
  return text === '' ? null : text
}
