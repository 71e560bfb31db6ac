import type { removeCompany } from '#schema/api/removals.ts'
import type { NodeId } from '#schema/ids.ts'
import { call } from '../../model/api.ts'
import type { Model, Opened } from '../../model/model.ts'
import { companyMark } from '../../people/badge.ts'
import { h, type Item } from '../../ui/dom.ts'
import { menu } from '../../ui/menu.ts'
import { titleOf } from '../words.ts'
import { type Act, listPart, type Part, rightsIn } from './part.ts'
import { showRemoving } from './remove.ts'

/** The companies that read the open space: for each, how many of its people, and which one hosts it. */
export function companiesPart(model: Model, opened: Opened, act: Act): Part {
  return listPart('Companies that read this', () =>
    opened.space.nodes.map((node) => companyItem(model, opened, node, act)),
  )
}

function companyItem(model: Model, opened: Opened, node: NodeId, act: Act): Item {
  const { space } = opened
  const isOurs = node === model.me.node
  const people = space.members.filter(({ person }) => person.node === node).length
  const facts = [peopleWords(people, space.groups.length > 0), node === space.host && 'hosts it'].filter(
    (fact) => fact !== false,
  )
  const name = isOurs ? (model.me.organisation ?? node) : node
  const { isAdmin, isOurs: isHostedHere } = rightsIn(model, opened)
  const mayRemove = !isOurs && isHostedHere && isAdmin && space.kind !== 'dm'
  return {
    key: node,
    look: JSON.stringify([facts, name, mayRemove]),
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
        mayRemove &&
          menu(`What to do with ${node}`, [
            { text: 'Remove the company…', act: () => askToRemove(opened, node, act), isDangerous: true },
          ]),
      ),
  }
}

function peopleWords(people: number, hasGroups: boolean): string {
  if (people === 0 && hasGroups) return 'through a group'
  return people === 1 ? '1 person' : `${people} people`
}

function askToRemove(opened: Opened, node: NodeId, act: Act): void {
  showRemoving(opened, {
    title: `Remove ${node} from “${titleOf(opened.space)}”?`,
    act: 'Remove the company',
    subject: { node },
    remove: async () => {
      await call<typeof removeCompany>({
        method: 'DELETE',
        url: '/api/spaces/:spaceId/companies/:node',
        params: { spaceId: opened.id, node },
      })
      act(async () => {})
    },
  })
}
