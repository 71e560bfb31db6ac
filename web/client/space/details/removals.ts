import type { listRemovals } from '#schema/api/removals.ts'
import type { Removal } from '#schema/removal.ts'
import { call } from '../../model/api.ts'
import type { Model, Opened } from '../../model/model.ts'
import { badge, companyMark } from '../../people/badge.ts'
import { h, type Item } from '../../ui/dom.ts'
import { face } from '../../ui/face.ts'
import { dateTime } from '../../ui/times.ts'
import { listPart, type Part } from './part.ts'

const againMs = 5_000

/** Who of other companies was removed lately, and how far that has come at theirs. */
export function removalsPart(model: Model, opened: Opened): Part {
  let removals: readonly Removal[] = []
  let timer: ReturnType<typeof setTimeout> | undefined
  const part = listPart('Removed', () => removals.map(removalItem))

  async function read(): Promise<void> {
    clearTimeout(timer)
    if (model.opened !== opened) return
    const reply = await call<typeof listRemovals>({
      method: 'GET',
      url: '/api/spaces/:spaceId/removals',
      params: { spaceId: opened.id },
    })
    removals = reply.removals
    part.update()
    // No entry of the log says that the other side has confirmed.
    if (removals.some(isUnderWay)) timer = setTimeout(() => void read().catch(() => {}), againMs)
  }

  return {
    element: part.element,
    update() {
      part.update()
      if (opened.space.host === model.me.node) read().catch(() => {})
    },
  }
}

function isUnderWay({ state }: Removal): boolean {
  return state === 'sent' || state === 'purging'
}

function removalItem({ node, person, state, at, deniedAt, purgedAt, overdue, backupDays }: Removal): Item {
  const name = person?.name ?? node
  const sentence = {
    sent: `Removed ${dateTime(at)}. Not yet confirmed by ${node}; nothing new is being sent.`,
    denied: `${node} confirmed the removal at ${dateTime(deniedAt ?? at)}.`,
    purging: `Removed, purge not yet confirmed. Nothing new is being sent; ${node}’s server already held a copy.`,
    held: `Nobody at ${node} reads it. Its copy is kept there under legal hold.`,
    purged: `${node} confirmed at ${dateTime(purgedAt ?? at)} that its copy is deleted.`,
  }[state]
  const backups =
    state === 'purged' && backupDays !== null ? ` Its backups age out within ${backupDays} days.` : ''
  return {
    key: `${node} ${person?.id ?? '*'} ${at}`,
    look: `${state} ${overdue}`,
    build: () =>
      h(
        'li',
        { class: overdue ? 'row overdue' : 'row' },
        person ? face(name, person.id) : companyMark(),
        h(
          'div',
          { class: 'row-text' },
          h('span', { class: 'name' }, name),
          ' ',
          person !== null && badge(node),
          h('p', { class: overdue ? 'problem' : 'hint' }, `${sentence}${backups}`),
        ),
      ),
  }
}
