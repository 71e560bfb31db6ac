import type { NodeId } from '#schema/ids.ts'
import type { Person } from '#schema/person.ts'
import type { Model } from '../model/model.ts'
import { h } from '../ui/dom.ts'
import { icon } from '../ui/icons.ts'

/** Which companies read something, in as few words as will do. */
export function companies(model: Model, nodes: readonly NodeId[]): string {
  const others = nodes.filter((node) => node !== model.me.node)
  return others.length === 0 ? 'only us' : `with ${others.join(', ')}`
}

/** The yellow badge. Computed from where I am: in the same thread I am external to them. */
export function badge(node: string): HTMLElement {
  return h('span', { class: 'badge' }, `external · ${node}`)
}

export function badgeOf(person: Person): HTMLElement | false {
  return person.external && badge(person.node)
}

/** A company, by its domain. */
export function companyMark(): HTMLElement {
  return h('div', { class: 'face company', 'aria-hidden': 'true' }, icon('company'))
}
