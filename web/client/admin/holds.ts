import type { liftHold, listHolds, placeHold } from '#schema/api/removals.ts'
import type { SpaceId } from '#schema/ids.ts'
import { section } from '../frame/page.ts'
import { call, type ReplyOf } from '../model/api.ts'
import { type Model, summaryOf } from '../model/model.ts'
import { titleOf } from '../space/words.ts'
import { askFirst } from '../ui/dialog.ts'
import { h } from '../ui/dom.ts'
import { icon } from '../ui/icons.ts'
import { loaded } from '../ui/loaded.ts'
import { dateTime } from '../ui/times.ts'

type Hold = ReplyOf<typeof listHolds>['holds'][number]

/** What is kept although its owner has asked for its deletion. Nobody reads it meanwhile. */
export function holdsSection(model: Model): HTMLElement {
  const list = loaded(
    async () => await call<typeof listHolds>({ method: 'GET', url: '/api/legal-holds' }),
    ({ holds }, again) => [
      holds.length === 0
        ? h('p', { class: 'hint' }, 'Nothing is under legal hold.')
        : h('ul', { class: 'list' }, ...holds.map((hold) => holdItem(model, hold, again))),
      holds.every(({ space }) => space !== null) &&
        h(
          'div',
          { class: 'choices' },
          h('button', { type: 'button', click: () => askForAll(again) }, 'Hold everything…'),
        ),
    ],
  )
  return section(
    'Legal hold',
    h(
      'p',
      { class: 'hint' },
      'Copies that should be deleted are closed instead, and kept. The other company is told so. One space is held from its details.',
    ),
    list.element,
  )
}

function holdItem(model: Model, { space, placedAt }: Hold, again: () => Promise<void>): HTMLElement {
  const name = space === null ? 'Everything' : nameOf(model, space)
  return h(
    'li',
    { class: 'row' },
    icon('rules'),
    h(
      'div',
      { class: 'row-text' },
      h('span', { class: 'name' }, name),
      h('p', { class: 'hint' }, `Since ${dateTime(placedAt)}`),
    ),
    h(
      'button',
      { type: 'button', 'aria-label': `Lift the hold of ${name}`, click: () => askToLift(space, again) },
      'Lift…',
    ),
  )
}

function nameOf(model: Model, space: SpaceId): string {
  const summary = summaryOf(model, space)
  return summary ? `“${titleOf(summary)}”` : 'A space that you are not in'
}

function askToLift(space: Hold['space'], again: () => Promise<void>): void {
  askFirst(
    {
      title: 'Lift the legal hold?',
      text: [h('p', {}, 'What should have been deleted meanwhile is deleted now.')],
      act: 'Lift it',
      isDangerous: true,
    },
    async () => {
      await call<typeof liftHold>({
        method: 'DELETE',
        url: '/api/legal-holds/:scope',
        params: { scope: space ?? 'everything' },
      })
      await again()
    },
  )
}

function askForAll(again: () => Promise<void>): void {
  askFirst(
    {
      title: 'Place everything under legal hold?',
      text: [h('p', {}, 'No copy here is deleted until you lift the hold, whoever asks for it.')],
      act: 'Place it',
    },
    async () => {
      await call<typeof placeHold>({
        method: 'PUT',
        url: '/api/legal-holds/:scope',
        params: { scope: 'everything' },
      })
      await again()
    },
  )
}
