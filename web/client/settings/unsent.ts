import type { discardUnsent, listUnsent } from '#schema/api/removals.ts'
import type { Unsent } from '#schema/removal.ts'
import { pageView } from '../frame/page.ts'
import { call } from '../model/api.ts'
import type { Model } from '../model/model.ts'
import { summaryOf } from '../model/model.ts'
import { refreshSpaces } from '../model/spaces.ts'
import { titleOf } from '../space/words.ts'
import { copyable } from '../ui/copyable.ts'
import { h } from '../ui/dom.ts'
import { empty, loaded } from '../ui/loaded.ts'
import { dateTime } from '../ui/times.ts'

/** What I wrote for other companies' spaces and that never got there. Nobody else sees it. */
export function unsentPage(model: Model): HTMLElement {
  const list = loaded(
    async () =>
      await call<typeof listUnsent>({ method: 'GET', url: '/api/unsent', querystring: { limit: 100 } }),
    ({ unsent }, again) =>
      unsent.length === 0
        ? [empty('Everything that you wrote got where it should.')]
        : [h('ul', { class: 'cards' }, ...unsent.map((one) => unsentCard(model, one, again)))],
  )
  return pageView(
    { title: 'Not delivered', about: 'Kept for you alone, until you delete it.', back: '#settings' },
    list.element,
  )
}

function unsentCard(
  model: Model,
  { id, space, host, type, text, createdAt, state, code }: Unsent,
  again: () => Promise<void>,
): HTMLElement {
  const summary = summaryOf(model, space)
  const where = summary
    ? `“${titleOf(summary)}”`
    : `something that ${host} hosts and that you are not in any more`
  const why =
    state === 'expired'
      ? `${host} was away too long`
      : `${host} refused it${code === null ? '' : `: ${code}`}`
  async function discard(): Promise<void> {
    await call<typeof discardUnsent>({
      method: 'DELETE',
      url: '/api/unsent/:id',
      params: { id },
    })
    await Promise.all([again(), refreshSpaces(model)])
  }
  return h(
    'li',
    { class: 'card' },
    copyable(
      type === 'space.create' ? `A thread, ${dateTime(createdAt)}` : `For ${where}, ${dateTime(createdAt)}`,
      text,
    ),
    h(
      'div',
      { class: 'choices' },
      h('button', { type: 'button', click: () => void discard().catch(again) }, 'Delete'),
      h('span', { class: 'hint' }, `${why}.`),
    ),
  )
}
