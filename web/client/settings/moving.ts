import type { moveGuest } from '#schema/api/guests.ts'
import { section } from '../frame/page.ts'
import { call } from '../model/api.ts'
import { h } from '../ui/dom.ts'
import { field, form, typedIn } from '../ui/form.ts'

/** For guests whose company has a workspace by now: they take what they are in along. */
export function movingPart(): HTMLElement {
  return section(
    'Move to your own workspace',
    h(
      'p',
      { class: 'hint' },
      'Your groups and threads go along, what you wrote keeps your name, and this free account ends.',
    ),
    form(
      { class: 'inline' },
      async (typed) => {
        const { url } = await call<typeof moveGuest>({
          method: 'POST',
          url: '/api/me/move',
          body: { node: typedIn(typed, 'node').trim() },
        })
        location.assign(url)
      },
      field('Domain of your company', {
        name: 'node',
        required: true,
        autocapitalize: 'none',
        placeholder: 'globex.example',
      }),
      h('button', { class: 'main' }, 'Go there'),
    ),
  )
}
