import type { acceptInvitation, declineInvitation, listInvitations } from '#schema/api/invitations.ts'
import type {
  getSpace,
  listEntries,
  listSpaces,
  markRead,
  removeGroup,
  removeMember,
} from '#schema/api/spaces.ts'
import type { Entry } from '#schema/entry.ts'
import type { InviteId, SpaceId, UserId } from '#schema/ids.ts'
import type { Space } from '#schema/space.ts'
import { call } from './api.ts'
import { namedSpace, nameDirects } from './direct.ts'
import { takeEntry } from './messages.ts'
import { type Mine, type Model, meet, type Opened, summaryOf } from './model.ts'

// What the page does with spaces: each action asks the node, then changes the model.

const pageLength = 100

export async function refreshSpaces(model: Model): Promise<void> {
  const { spaces } = await call<typeof listSpaces>({
    method: 'GET',
    url: '/api/spaces',
    querystring: { limit: 200 },
  })
  model.spaces = spaces
  for (const { id, headSeq } of spaces) if (!model.positions.has(id)) model.positions.set(id, headSeq)
  await nameDirects(model).catch(() => {})
  model.changed('inbox')
}

export async function refreshInvitations(model: Model): Promise<void> {
  const { invitations } = await call<typeof listInvitations>({ method: 'GET', url: '/api/invitations' })
  model.invitations = invitations.filter(({ status }) => status === 'open' || status === 'accepted')
  model.changed('invitations')
}

export async function answer(model: Model, inviteId: InviteId, how: 'accept' | 'decline'): Promise<void> {
  const params = { inviteId }
  if (how === 'accept') {
    await call<typeof acceptInvitation>({
      method: 'POST',
      url: '/api/invitations/:inviteId/accept',
      params,
    })
  } else {
    await call<typeof declineInvitation>({
      method: 'POST',
      url: '/api/invitations/:inviteId/decline',
      params,
    })
  }
  await Promise.all([refreshInvitations(model), refreshSpaces(model)])
}

/** A space with the end of its log, ready to be opened. */
export async function readSpace(model: Model, id: SpaceId): Promise<Opened> {
  const space = await findSpace(model, id)
  const page = await listPage(id, Math.max(0, space.headSeq - pageLength))
  const mine = page.pending.map(mineOf).filter((one) => one !== undefined)
  meetAll(model, space, page.entries)
  const { readSeq = 0 } = summaryOf(model, id) ?? {}
  const newFrom = readSeq > 0 && readSeq < space.headSeq ? readSeq + 1 : undefined
  return { id, space, entries: page.entries, mine, newFrom }
}

/** Its log goes on from an earlier entry than we have seen: nothing of what we hold is believed. */
export async function readAnew(model: Model, id: SpaceId): Promise<void> {
  const { opened } = model
  if (opened?.id !== id) {
    model.positions.delete(id)
    await refreshSpaces(model)
    return
  }
  const { entries, mine, space } = await readSpace(model, id)
  Object.assign(opened, { entries, mine, space })
  model.positions.set(id, entries.at(-1)?.seq ?? 0)
  model.changed('space', 'log')
}

/** Reads what the stream brought while the space was being opened. */
export async function fillGap(model: Model, opened: Opened): Promise<void> {
  const last = opened.entries.at(-1)?.seq ?? 0
  const { entries } = await listPage(opened.id, last)
  for (const entry of entries) takeEntry(model, opened, entry)
}

/** Reads again who takes part in the space that is open. */
export async function refreshOpened(model: Model): Promise<void> {
  const { opened } = model
  if (!opened) return
  const space = await findSpace(model, opened.id)
  meetAll(model, space, [])
  opened.space = space
  model.changed('space', 'log')
}

/** Reads what became of what I wrote and the host has not taken yet. */
export async function refreshPending(model: Model, opened: Opened): Promise<void> {
  const { pending } = await listPage(opened.id, opened.space.headSeq, 1)
  for (const { id, state, code } of pending) {
    const mine = opened.mine.find((one) => one.id === id)
    if (!mine || (state !== 'refused' && state !== 'expired')) continue
    mine.state = 'refused'
    mine.why =
      state === 'expired' ? 'The host was away too long.' : `The host refused it: ${code ?? 'no reason'}.`
  }
  model.changed('log')
}

export async function loadEarlier(model: Model, opened: Opened): Promise<void> {
  const first = opened.entries[0]?.seq ?? 1
  const { entries } = await listPage(opened.id, Math.max(0, first - 1 - pageLength))
  opened.entries = [...entries.filter(({ seq }) => seq < first), ...opened.entries]
  meetAll(model, opened.space, entries)
  model.changed('log')
}

/** Notes that the open space is read to its end. */
export async function noteRead(model: Model, opened: Opened): Promise<void> {
  const seq = opened.entries.at(-1)?.seq ?? 0
  const summary = summaryOf(model, opened.id)
  if (!summary || summary.readSeq >= seq) return
  summary.readSeq = seq
  model.changed('inbox')
  await call<typeof markRead>({
    method: 'PUT',
    url: '/api/spaces/:spaceId/read',
    params: { spaceId: opened.id },
    body: { seq },
  })
}

export async function endMembership(space: SpaceId, user: UserId): Promise<void> {
  await call<typeof removeMember>({
    method: 'DELETE',
    url: '/api/spaces/:spaceId/members/:userId',
    params: { spaceId: space, userId: user },
  })
}

export async function unaddressGroup(space: SpaceId, group: SpaceId): Promise<void> {
  await call<typeof removeGroup>({
    method: 'DELETE',
    url: '/api/spaces/:spaceId/groups/:groupId',
    params: { spaceId: space, groupId: group },
  })
}

function meetAll(model: Model, space: Space, entries: readonly Entry[]): void {
  meet(model, [space.starter, ...space.members.map(({ person }) => person)])
  for (const { person, people } of entries) meet(model, [person, ...people])
}

async function findSpace(model: Model, id: SpaceId): Promise<Space> {
  const params = { spaceId: id }
  return namedSpace(
    model,
    await call<typeof getSpace>({ method: 'GET', url: '/api/spaces/:spaceId', params }),
  )
}

type Page = Awaited<ReturnType<typeof call<typeof listEntries>>>

async function listPage(id: SpaceId, after: number, limit = 200): Promise<Page> {
  return await call<typeof listEntries>({
    method: 'GET',
    url: '/api/spaces/:spaceId/entries',
    params: { spaceId: id },
    querystring: { after, limit },
  })
}

function mineOf({ id, type, state, code, content }: Page['pending'][number]): Mine | undefined {
  const text = textOf(content)
  if (type !== 'msg.post' || text === undefined || state === 'accepted') return undefined
  const isLost = state === 'refused' || state === 'expired'
  const why = isLost ? { why: `It was not taken: ${code ?? state}.` } : {}
  return { key: id, id, text, at: timeIn(id), state: isLost ? 'refused' : 'queued', ...why }
}

/** An event id is a UUIDv7, which begins with its time. */
function timeIn(id: string): number {
  return Number.parseInt(id.replace('-', '').slice(0, 12), 16)
}

function textOf(content: unknown): string | undefined {
  const { text } = (content ?? {}) as { text?: unknown }
  return typeof text === 'string' ? text : undefined
}
