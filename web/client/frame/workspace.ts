import type { Me } from '#schema/api/accounts.ts'
import type { SpaceId } from '#schema/ids.ts'
import { Problem } from '../model/api.ts'
import { connect } from '../model/live.ts'
import { createModel, isUnread, type Model } from '../model/model.ts'
import { readSpace, refreshInvitations, refreshSpaces } from '../model/spaces.ts'
import { isAdmin, watch } from '../model/watch.ts'
import { showNothing, spaceView } from '../space/space.ts'
import { announce, h, replace } from '../ui/dom.ts'
import { inboxView } from './inbox.ts'
import { sectionedPages, singlePages } from './pages.ts'
import { addressOf, type Place, placeIn } from './place.ts'
import { railView } from './rail.ts'
import { sectionsView } from './sections.ts'

// The page of somebody who is signed in: the rail, the inbox or a list of pages, and what the address names. On a
// narrow screen one of them is seen at a time, with the rail below.

type Frame = {
  readonly model: Model
  readonly page: HTMLElement
  readonly place: HTMLElement
  readonly side: HTMLElement
  readonly end: () => void
}

const slowMs = 250
const wide = '(min-width: 50rem)'

export function showWorkspace(root: HTMLElement, me: Me, left: () => void): void {
  const model = createModel(me, end)
  const place = h('div', { class: 'place' })
  const side = h('div', { class: 'side' }, inboxView(model))
  const page = h('div', { class: 'workspace' })
  const frame: Frame = { model, page, place, side, end }
  const live = connect(model, (space) => {
    if (model.opened?.id === space)
      leave(model, place, 'You are not in this any more, and it is gone from here.')
  })

  const watching = watch(model)

  function end(): void {
    live.close()
    watching.close()
    window.removeEventListener('hashchange', follow)
    left()
  }

  function follow(): void {
    show(frame, placeIn(location.hash))
    model.changed('place')
  }

  model.on('inbox', () => {
    const unread = model.spaces.filter(isUnread).length
    document.title = `${unread > 0 ? `(${unread}) ` : ''}${me.organisation ?? me.node} · Parley`
  })
  window.addEventListener('hashchange', follow)
  replace(root, page)
  replace(page, railView(model), side, place)
  follow()
  // The stream brings what is new; what there is must not wait for it.
  for (const refresh of [refreshSpaces, refreshInvitations])
    refresh(model).catch((error: unknown) => console.warn(error))
}

function show(frame: Frame, to: Place): void {
  const { model, page, place } = frame
  page.classList.toggle('in-place', to.at !== 'inbox')
  page.classList.toggle('in-space', to.at === 'space')
  if (to.at !== 'page') showSide(frame, undefined)
  if (to.at === 'inbox') close(model, place)
  if (to.at === 'space' && model.opened?.id !== to.id) void enter(frame, to.id)
  if (to.at === 'page') showPage(frame, to.path)
}

function showPage(frame: Frame, [first = '', second, ...rest]: readonly string[]): void {
  const { model, page, place } = frame
  const single = singlePages[first]
  const sectioned = first === 'admin' && !isAdmin(model) ? undefined : sectionedPages[first]
  model.opened = undefined
  showSide(frame, sectioned && first)
  if (single) {
    model.page = {}
    replace(place, single(model, second === undefined ? rest : [second, ...rest]))
    model.changed('inbox')
    return
  }
  const section = sectioned?.sections.find(({ name }) => name === second)
  if (section) {
    model.page = {}
    replace(place, section.view(model, rest))
    return
  }
  const [start] = sectioned?.sections ?? []
  if (!start) return leave(model, place, 'There is nothing here.')
  // A narrow screen shows the list first; beside it, the first of it is open.
  if (matchMedia(wide).matches) location.replace(addressOf(first, start.name))
  else page.classList.remove('in-place')
}

/** What stands beside the place: the inbox, or the list of pages that belong together. */
function showSide({ model, side }: Frame, root: string | undefined): void {
  if ((side.dataset['root'] ?? '') === (root ?? '')) return
  side.dataset['root'] = root ?? ''
  for (const child of [...side.children].slice(1)) child.remove()
  const of = root === undefined ? undefined : sectionedPages[root]
  side.firstElementChild?.toggleAttribute('hidden', of !== undefined)
  if (of && root !== undefined) side.append(sectionsView(model, of.title, root, of.sections))
}

async function enter({ model, place, end }: Frame, id: SpaceId): Promise<void> {
  const isWanted = (): boolean => location.hash === `#${id}`
  // Only when it takes long: what was there stays until then.
  const slow = setTimeout(() => {
    replace(place, h('main', { class: 'nothing', 'aria-busy': 'true' }, h('p', {}, 'Loading…')))
  }, slowMs)
  try {
    const opened = await readSpace(model, id)
    // Somebody who clicks fast is somewhere else by now.
    if (!isWanted()) return
    model.opened = opened
    replace(place, spaceView(model, opened))
    model.changed('inbox')
  } catch (error) {
    if (error instanceof Problem && error.isSignedOut) end()
    else if (isWanted()) leave(model, place, error instanceof Error ? error.message : String(error))
  } finally {
    clearTimeout(slow)
  }
}

function close(model: Model, place: HTMLElement): void {
  model.opened = undefined
  showNothing(place, 'Choose something on the left, or start a thread.')
  model.changed('inbox')
}

function leave(model: Model, place: HTMLElement, why: string): void {
  model.opened = undefined
  showNothing(place, why)
  announce(why)
  model.changed('inbox')
}
