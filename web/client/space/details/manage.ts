import type { freezeSpace, listHolds, placeHold, liftHold } from '#schema/api/removals.ts'
import { call } from '../../model/api.ts'
import type { Model, Opened } from '../../model/model.ts'
import { isAdmin } from '../../model/watch.ts'
import { askFirst } from '../../ui/dialog.ts'
import { h } from '../../ui/dom.ts'
import { icon } from '../../ui/icons.ts'
import { titleOf } from '../words.ts'
import { type Act, type Part, rightsIn } from './part.ts'

/** What administrators of the workspace can do with a space as a whole. */
export function managePart(model: Model, opened: Opened, act: Act): Part {
  const freeze = h(
    'button',
    { type: 'button', class: 'with-icon', click: () => askToFreeze(opened, act) },
    icon('lock'),
    'Freeze…',
  )
  const hold = holdButton(opened)
  const element = h(
    'section',
    { class: 'details-part', 'aria-label': 'Administration', hidden: !isAdmin(model) },
    h('header', {}, h('h4', {}, 'For administrators')),
    h('div', { class: 'choices' }, freeze, hold),
  )
  if (isAdmin(model)) hold.dispatchEvent(new Event('look'))
  return {
    element,
    update() {
      freeze.hidden = !rightsIn(model, opened).isOurs
      freeze.replaceChildren(icon('lock'), isFrozen(opened) ? 'Unfreeze…' : 'Freeze…')
    },
  }
}

function isFrozen({ space }: Opened): boolean {
  return space.locked && space.repliesOff
}

function askToFreeze(opened: Opened, act: Act): void {
  const frozen = !isFrozen(opened)
  askFirst(
    {
      title: `${frozen ? 'Freeze' : 'Unfreeze'} “${titleOf(opened.space)}”?`,
      text: [
        h(
          'p',
          {},
          frozen
            ? 'Everybody keeps reading it. Nobody can write, or bring others in, until you lift this.'
            : 'Everybody can write again who could before.',
        ),
      ],
      act: frozen ? 'Freeze' : 'Unfreeze',
    },
    async () => {
      await call<typeof freezeSpace>({
        method: 'PUT',
        url: '/api/spaces/:spaceId/frozen',
        params: { spaceId: opened.id },
        body: { frozen },
      })
      act(async () => {})
    },
  )
}

/** A legal hold: what should be deleted here is closed, and kept, until it is lifted. */
function holdButton(opened: Opened): HTMLElement {
  let isHeld = false
  const params = { scope: opened.id }
  const button = h('button', { type: 'button', class: 'with-icon', click: ask })

  function draw(): void {
    button.replaceChildren(icon('rules'), isHeld ? 'Lift the legal hold…' : 'Legal hold…')
  }

  async function look(): Promise<void> {
    const { holds } = await call<typeof listHolds>({ method: 'GET', url: '/api/legal-holds' })
    isHeld = holds.some(({ space }) => space === opened.id)
    draw()
  }

  function ask(): void {
    const text = isHeld
      ? 'What should have been deleted meanwhile is deleted now.'
      : 'When the copy of this here should be deleted, it is closed instead, and kept until you lift the hold.'
    askFirst(
      {
        title: isHeld ? 'Lift the legal hold?' : 'Place this under legal hold?',
        text: [h('p', {}, text)],
        act: isHeld ? 'Lift it' : 'Place it',
        isDangerous: isHeld,
      },
      async () => {
        await (isHeld
          ? call<typeof liftHold>({ method: 'DELETE', url: '/api/legal-holds/:scope', params })
          : call<typeof placeHold>({ method: 'PUT', url: '/api/legal-holds/:scope', params }))
        await look()
      },
    )
  }

  button.addEventListener('look', () => void look().catch(() => {}))
  draw()
  return button
}
