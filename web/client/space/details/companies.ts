import type { NodeId } from '#schema/ids.ts'
import type { Model, Opened } from '../../model/model.ts'
import { companyMark } from '../../people/badge.ts'
import { h, type Item } from '../../ui/dom.ts'
import { listPart, type Part } from './part.ts'

/** The companies that read the open space: for each, how many of its people, and which one hosts it. */
export function companiesPart(model: Model, opened: Opened): Part {
  return listPart('Companies that read this', () =>
    opened.space.nodes.map((node) => companyItem(model, opened, node)),
  )
}

function companyItem(model: Model, opened: Opened, node: NodeId): Item {
  const isOurs = node === model.me.node
  const people = opened.space.members.filter(({ person }) => person.node === node).length
  const facts = [
    people === 1 ? '1 person' : `${people} people`,
    node === opened.space.host && 'hosts it',
  ].filter((fact) => fact !== false)
  const name = isOurs ? (model.me.organisation ?? node) : node
  return {
    key: node,
    look: JSON.stringify([facts, name]),
    build: () =>
      h(
        'li',
        { class: 'row' },
        companyMark(),
        h(
          'div',
          { class: 'row-text' },
          h('span', { class: 'name' }, name, isOurs && h('span', { class: 'quiet' }, ' (yours)')),
          h('p', { class: 'hint' }, facts.join(' · ')),
        ),
      ),
  }
}
