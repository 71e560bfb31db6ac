import type { Me } from '#schema/api/accounts.ts'
import type { SpaceId } from '#schema/ids.ts'
import { Problem } from './api.ts'
import { announce, h, replace } from './dom.ts'
import { inboxView } from './inbox.ts'
import { connect } from './live.ts'
import { createModel, isUnread, type Model } from './model.ts'
import { showNothing, spaceView } from './space.ts'
import { readSpace, refreshInvitations } from './spaces.ts'

// The page of somebody who is signed in: the inbox, and beside it the space that the address names. On a narrow
// screen one of them is seen at a time.

export function showWorkspace(root: HTMLElement, me: Me, left: () => void): void {
  const model = createModel(me)
  const place = h('div', { class: 'place' })
  const page = h('div', { class: 'workspace' })
  const live = connect(model, (space) => {
    if (model.opened?.id === space)
      leave(model, place, 'You are not in this any more, and it is gone from here.')
  })

  function end(): void {
    live.close()
    window.removeEventListener('hashchange', follow)
    left()
  }

  function follow(): void {
    const id = spaceInAddress()
    page.classList.toggle('in-space', id !== undefined)
    if (id === undefined) close(model, place)
    else if (model.opened?.id !== id) void enter(model, place, id, end)
  }

  model.on('inbox', () => {
    const unread = model.spaces.filter(isUnread).length
    document.title = `${unread > 0 ? `(${unread}) ` : ''}${me.organisation ?? me.node} · Parley`
  })
  window.addEventListener('hashchange', follow)
  replace(root, page)
  replace(page, inboxView(model, end), place)
  follow()
  refreshInvitations(model).catch((error: unknown) => console.warn(error))
}

async function enter(model: Model, place: HTMLElement, id: SpaceId, end: () => void): Promise<void> {
  try {
    const opened = await readSpace(model, id)
    // Somebody who clicks fast is somewhere else by now.
    if (spaceInAddress() !== id) return
    model.opened = opened
    replace(place, spaceView(model, opened))
    model.changed('inbox')
  } catch (error) {
    if (error instanceof Problem && /^(?:auth-required|session-expired)$/.test(error.code)) end()
    else leave(model, place, error instanceof Error ? error.message : String(error))
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

function spaceInAddress(): SpaceId | undefined {
  const id = /^#(s_[\w-]{43})$/.exec(location.hash)?.[1]
  return id as SpaceId | undefined
}
