import { type Child, h, type Item, sync } from '../../ui/dom.ts'
import type { Model, Opened } from '../../model/model.ts'

/** Does something with the open space, reads it again, and shows why when it could not be done. */
export type Act = (work: () => Promise<void>) => void

/** One part of the details: a list under a heading, hidden while there is nothing in it. */
export type Part = { readonly element: HTMLElement; readonly update: () => void }

export function listPart(title: string, itemsOf: () => readonly Item[], ...actions: readonly Child[]): Part {
  const list = h('ul', { class: 'rows' })
  const count = h('span', { class: 'quiet' })
  const element = h(
    'section',
    { class: 'details-part', 'aria-label': title },
    h('header', {}, h('h4', {}, title, ' ', count), ...actions),
    list,
  )
  return {
    element,
    update() {
      const items = itemsOf()
      element.hidden = items.length === 0 && actions.length === 0
      count.textContent = items.length > 0 ? String(items.length) : ''
      sync(list, items)
    },
  }
}

/** What I may do in the open space. */
export function rightsIn(
  model: Model,
  opened: Opened,
): { isAdmin: boolean; mayInvite: boolean; isOurs: boolean } {
  const mine = opened.space.members.find(({ person }) => person.id === model.me.id)?.role
  const isOurs = opened.space.host === model.me.node
  return { isAdmin: mine === 'admin', mayInvite: mine === 'admin' || mine === 'member', isOurs }
}
