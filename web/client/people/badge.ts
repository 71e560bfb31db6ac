import type { NodeId } from '#schema/ids.ts'
import type { Person } from '#schema/person.ts'
import type { Model } from '../model/model.ts'
import { type Child, h } from '../ui/dom.ts'
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

/** On what somebody else may have written, who had the signing key of the company. */
export function disputedBadge(node: string): HTMLElement {
  const why = `The signing key of ${node} was in doubt when this was written: it may be somebody else’s.`
  return h('span', { class: 'state bad', title: why }, 'disputed')
}

/** The badge of somebody, with what else has to be known before one trusts a name. */
export function badgesOf(person: Person): Child[] {
  const badges: HTMLElement[] = []
  if (person.external) badges.push(badge(person.kind === 'guest' ? `guest at ${person.node}` : person.node))
  if (!person.vouched) badges.push(h('span', { class: 'state bad' }, 'unverified'))
  if (person.confusable) badges.push(h('span', { class: 'state bad' }, 'name looks like one of yours'))
  return badges.flatMap((one) => [' ', one])
}

/** A company, by its domain. */
export function companyMark(): HTMLElement {
  return h('div', { class: 'face company', 'aria-hidden': 'true' }, icon('company'))
}
