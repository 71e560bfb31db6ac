import type { endSession } from '#schema/api/sessions.ts'
import { pageView } from '../frame/page.ts'
import { call } from '../model/api.ts'
import type { Model } from '../model/model.ts'
import { h } from '../ui/dom.ts'
import { copyable } from '../ui/copyable.ts'
import { face } from '../ui/face.ts'
import { icon } from '../ui/icons.ts'

/** Who I am here. */
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
      copyable('Your address', `@${me.handle}:${me.node}`, 'People of other companies invite you by it.'),
    ),
    h(
      'button',
      { type: 'button', class: 'with-icon', click: () => void signOut(model) },
      icon('leave'),
      'Sign out',
    ),
  )
}

const roleWords: Readonly<Record<Model['me']['role'], string>> = {
  owner: 'Owner of the workspace',
  admin: 'Administrator of the workspace',
  member: 'Member of the workspace',
  guest: 'Guest, with a free account',
}

async function signOut(model: Model): Promise<void> {
  await call<typeof endSession>({ method: 'DELETE', url: '/api/sessions/current' }).catch(() => {})
  model.end()
}
