import type { getPerson } from '#schema/api/people.ts'
import type { Person, Profile } from '#schema/person.ts'
import { call } from '../model/api.ts'
import type { Model } from '../model/model.ts'
import { openDialog } from '../ui/dialog.ts'
import { type Child, h } from '../ui/dom.ts'
import { face } from '../ui/face.ts'
import { icon, type IconName } from '../ui/icons.ts'
import { loaded } from '../ui/loaded.ts'
import { badgesOf } from './badge.ts'

/** Who somebody is, as far as their company lets us see. */
export function showCard(model: Model, { id, name }: Person): void {
  openDialog(name, () => {
    const card = loaded(
      async () =>
        await call<typeof getPerson>({ method: 'GET', url: '/api/people/:userId', params: { userId: id } }),
      (profile) => cardOf(model, profile),
    )
    return [card.element]
  })
}

function cardOf(model: Model, profile: Profile): Child[] {
  const { id, name, node, title, statusText, timeZone, organisation, external, vouched, confusable } = profile
  const isColleague = node === model.me.node && profile.kind === 'member'
  return [
    h(
      'div',
      { class: 'card-head' },
      face(name, id),
      h(
        'div',
        {},
        title !== null && h('p', { class: 'name' }, title),
        h('p', { class: 'hint' }, isColleague ? 'Your colleague' : kindWords(profile)),
        h('p', {}, ...badgesOf(profile)),
      ),
    ),
    h(
      'ul',
      { class: 'facts' },
      statusText !== null && fact('thread', statusText),
      timeZone !== null && fact('clock', timeIn(timeZone)),
      // The company calls itself so; what was checked is its domain.
      external && fact('company', organisation === null ? node : `${organisation}, at ${node}`),
      !vouched && fact('warning', `${node} has not confirmed lately that this is one of its people.`),
      confusable && fact('warning', `This is somebody at ${node}, though the name looks like one of yours.`),
    ),
  ]
}

function kindWords({ kind, node }: Profile): string {
  if (kind === 'guest') return `Guest, with a free account at ${node}`
  return kind === 'bot' ? `Bot at ${node}` : `Works at ${node}`
}

function fact(sign: IconName, text: string): HTMLElement {
  return h('li', {}, icon(sign), h('span', {}, text))
}

function timeIn(timeZone: string): string {
  try {
    const now = new Intl.DateTimeFormat(undefined, { timeZone, hour: '2-digit', minute: '2-digit' })
    return `${now.format(Date.now())} there (${timeZone})`
  } catch {
    // Their server may know names of zones that this browser does not.
    return timeZone
  }
}
