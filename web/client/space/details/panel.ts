import type { Model, Opened } from '../../model/model.ts'
import { refreshOpened, refreshSpaces } from '../../model/spaces.ts'
import { h, replace } from '../../ui/dom.ts'
import { iconButton } from '../../ui/dialog.ts'
import { companiesPart } from './companies.ts'
import { groupsPart } from './groups.ts'
import { invitedPart } from './invited.ts'
import { managePart } from './manage.ts'
import { membersPart } from './members.ts'
import { removalsPart } from './removals.ts'

const lookMs = 10_000

/** Who reads the open space and takes part in it, and how to change that. */
export function detailsView(model: Model, opened: Opened): HTMLElement {
  const problem = h('p', { class: 'problem', role: 'alert', hidden: true })
  const body = h('div', { class: 'details-body' })
  const close = iconButton('close', 'Close the details', () => view.dispatchEvent(new Event('close')))
  const view = h(
    'aside',
    { id: 'details', class: 'details', 'aria-label': 'Details' },
    h('header', {}, h('h3', { tabindex: -1 }, 'Details'), close),
    problem,
    body,
  )

  function act(work: () => Promise<void>): void {
    problem.hidden = true
    work()
      .then(async () => await Promise.all([refreshSpaces(model), refreshOpened(model)]))
      .catch((error: unknown) => {
        problem.textContent = error instanceof Error ? error.message : String(error)
        problem.hidden = false
      })
  }

  const parts = [companiesPart, membersPart, groupsPart, invitedPart, removalsPart, managePart].map((part) =>
    part(model, opened, act),
  )

  function draw(): void {
    for (const { update } of parts) update()
  }
  // That somebody elsewhere answers, or claims an invitation, is no entry of the log.
  const looking = setInterval(() => {
    if (model.opened !== opened) clearInterval(looking)
    else if (isWaiting() && !document.hidden) refreshOpened(model).catch(() => {})
  }, lookMs)

  function isWaiting(): boolean {
    return body.checkVisibility() && opened.space.invitations.length > 0
  }

  replace(body, ...parts.map(({ element }) => element))
  model.on('space', draw, opened)
  draw()
  return view
}
