import type { previewRemoval } from '#schema/api/removals.ts'
import type { NamedSpace, PersonsLoss, RemovalPreview, Route } from '#schema/removal.ts'
import { call, type RequestOf } from '../../model/api.ts'
import type { Opened } from '../../model/model.ts'
import { badgesOf } from '../../people/badge.ts'
import { openDialog } from '../../ui/dialog.ts'
import { type Child, h } from '../../ui/dom.ts'
import { form } from '../../ui/form.ts'
import { loaded } from '../../ui/loaded.ts'
import { listed, titleOf } from '../words.ts'

type Subject = RequestOf<typeof previewRemoval>['querystring']

type Removing = {
  readonly title: string
  /** What the button says. */
  readonly act: string
  readonly subject: Subject
  readonly remove: () => Promise<void>
}

/** The dialog before a person, a company or a group goes: what is lost, what is kept, who is asked to delete. */
export function showRemoving(opened: Opened, { title, act, subject, remove }: Removing): void {
  openDialog(title, (close) => {
    const preview = loaded(
      async () =>
        await call<typeof previewRemoval>({
          method: 'GET',
          url: '/api/spaces/:spaceId/removal-preview',
          params: { spaceId: opened.id },
          querystring: subject,
        }),
      (value) => previewOf(value),
    )
    return [
      preview.element,
      form(
        {},
        async () => {
          await remove()
          close()
        },
        h(
          'div',
          { class: 'choices' },
          h('button', { type: 'button', click: close }, 'Cancel'),
          h('button', { class: 'danger' }, act),
        ),
      ),
    ]
  })
}

function previewOf({ people, purges }: RemovalPreview): Child[] {
  const nodes = purges.map(({ node }) => node)
  return [
    ...people.map(lossOf),
    people.length === 0 && h('p', {}, 'Nobody loses anything by this.'),
    nodes.length > 0 &&
      h(
        'div',
        { class: 'warning' },
        h(
          'p',
          {},
          `${listed(nodes)} will be asked to delete ${nodes.length === 1 ? 'its copy' : 'their copies'}:`,
        ),
        ...purges.map(({ node, spaces }) => h('p', {}, `${node}: ${namesOf(spaces)}`)),
      ),
    h(
      'p',
      { class: 'hint' },
      'Access ends at once and nothing new is sent. What somebody has read, copied or exported cannot be called back.',
    ),
  ]
}

function lossOf({ person, loses, keeps }: PersonsLoss): HTMLElement {
  return h(
    'section',
    { class: 'loss' },
    h('p', { class: 'name' }, person.name, ...badgesOf(person)),
    loses.length > 0 && h('p', {}, h('span', { class: 'quiet' }, 'Loses: '), namesOf(loses)),
    ...keeps.map(({ space, routes }) =>
      h(
        'p',
        {},
        h('span', { class: 'quiet' }, 'Keeps: '),
        `${titleOf(space)}, ${listed(routes.map(routeWords))}`,
      ),
    ),
  )
}

function routeWords(route: Route): string {
  return route.through === 'membership' ? 'as a member' : `through “${titleOf(route.group)}”`
}

function namesOf(spaces: readonly NamedSpace[]): string {
  return listed(spaces.map((space) => `“${titleOf(space)}”`))
}
