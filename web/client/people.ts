import type { NodeId, SpaceId } from '#schema/ids.ts'
import type { SpaceMember } from '#schema/space.ts'
import { field, form, h, type Item, sync, typedIn } from './dom.ts'
import type { Model, Opened } from './model.ts'
import {
  addColleague,
  addressGroup,
  endMembership,
  inviteExternal,
  refreshOpened,
  refreshSpaces,
  unaddressGroup,
} from './spaces.ts'
import { titleOf } from './words.ts'

/** Which companies read something, as few words as will do. */
export function companies(model: Model, nodes: readonly NodeId[]): string {
  const others = nodes.filter((node) => node !== model.me.node)
  return others.length === 0 ? 'only us' : `with ${others.join(', ')}`
}

/** The yellow badge. Computed from where I am: in the same thread I am external to them. */
function badge(node: string): HTMLElement {
  return h('span', { class: 'badge' }, `external · ${node}`)
}

/** Who takes part in the open space, and how to change that. */
export function peopleView(model: Model, opened: Opened): HTMLElement {
  const members = h('ul', { class: 'members' })
  const problem = h('p', { class: 'problem', role: 'alert', hidden: true })
  const close = h('button', { type: 'button', class: 'plain' }, 'Close')
  const isOurs = opened.space.host === model.me.node
  const view = h(
    'aside',
    { id: 'people', class: 'people', 'aria-label': 'People' },
    h('header', {}, h('h3', { tabindex: -1 }, 'People'), close),
    members,
    problem,
    isOurs
      ? addingForm(model, opened)
      : h('p', { class: 'hint' }, `Only ${opened.space.host}, which hosts this, can add people.`),
    isOurs && opened.space.kind === 'thread' && addressingForm(model, opened, act),
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

  function draw(): void {
    sync(members, itemsOf(model, opened, act))
  }
  close.addEventListener('click', () => view.dispatchEvent(new Event('close')))
  model.on('space', draw, opened)
  draw()
  return view
}

const rights: Readonly<Record<SpaceMember['role'], string>> = {
  admin: 'Admin',
  member: 'Writes and invites',
  poster: 'Writes',
  reader: 'Reads',
}

type Act = (work: () => Promise<void>) => void

function itemsOf(model: Model, opened: Opened, act: Act): Item[] {
  const { members, groups, invitations } = opened.space
  return [
    ...members.map((member) => memberItem(model, opened, member, act)),
    ...groups.map(({ id, title }) => groupItem(model, opened, { id, title }, act)),
    ...invitations.map(({ id, invitee, node }) => ({
      key: id,
      look: '',
      build: () =>
        h(
          'li',
          {},
          h(
            'div',
            {},
            h('span', {}, invitee),
            ' ',
            node !== model.me.node && badge(node),
            h('p', { class: 'hint' }, 'Invited, no answer yet'),
          ),
        ),
    })),
  ]
}

function memberItem(model: Model, opened: Opened, { person, role }: SpaceMember, act: Act): Item {
  const isMe = person.id === model.me.id
  const myRole = opened.space.members.find((member) => member.person.id === model.me.id)?.role
  const mayRemove = isMe || (opened.space.host === model.me.node && myRole === 'admin')
  const end = (): void => act(async () => await endMembership(opened.id, person.id))
  return {
    key: person.id,
    look: JSON.stringify([person, role, mayRemove]),
    build: () =>
      h(
        'li',
        {},
        h(
          'div',
          {},
          h('span', { class: 'name' }, isMe ? `${person.name} (you)` : person.name),
          ' ',
          person.external && badge(person.node),
          h('p', { class: 'hint' }, rights[role]),
        ),
        mayRemove && twice(isMe ? 'Leave' : 'Remove', person.name, end),
      ),
  }
}

function groupItem(
  model: Model,
  opened: Opened,
  { id, title }: { readonly id: SpaceId; readonly title: string | null },
  act: Act,
): Item {
  const name = titleOf({ title, kind: 'group' })
  const isOurs = opened.space.host === model.me.node
  const end = (): void => act(async () => await unaddressGroup(opened.id, id))
  return {
    key: id,
    look: name,
    build: () =>
      h(
        'li',
        {},
        h(
          'div',
          {},
          h('span', { class: 'name' }, `# ${name}`),
          h('p', { class: 'hint' }, 'Everybody in the group'),
        ),
        isOurs && twice('Remove', name, end),
      ),
  }
}

const doubtMs = 4_000

/** A button that has to be pressed a second time to do what cannot be taken back. */
function twice(word: string, whom: string, act: () => void): HTMLElement {
  const button = h('button', { type: 'button', class: 'plain', 'aria-label': `${word}: ${whom}` }, word)
  let isSure = false
  function rest(): void {
    isSure = false
    button.textContent = word
    button.setAttribute('aria-label', `${word}: ${whom}`)
    button.classList.remove('sure')
  }
  button.addEventListener('click', () => {
    if (isSure) {
      rest()
      act()
      return
    }
    isSure = true
    button.textContent = 'Sure?'
    button.setAttribute('aria-label', `Press again to confirm. ${word}: ${whom}`)
    button.classList.add('sure')
    setTimeout(rest, doubtMs)
  })
  button.addEventListener('blur', rest)
  return button
}

function addingForm(model: Model, opened: Opened): HTMLElement {
  // No surprise meeting: a company that was not here is named, and its coming confirmed, before anybody is asked.
  const warning = h('p', { class: 'warning', role: 'status', hidden: true })
  const button = h('button', { class: 'main' }, 'Add')
  let confirmed: string | undefined

  function rest(): void {
    confirmed = undefined
    warning.hidden = true
    button.textContent = 'Add'
  }

  const element: HTMLFormElement = form(
    { class: 'adding' },
    async (typed) => {
      const who = typedIn(typed, 'who').trim().toLowerCase()
      const node = /^@[^:]+:(.+)$/.exec(who)?.[1]
      const isNewCompany = node !== undefined && !opened.space.nodes.includes(node as NodeId)
      if (isNewCompany && confirmed !== who) {
        confirmed = who
        warning.textContent = `${node} was not in this so far. It will get everything that was written here.`
        warning.hidden = false
        button.textContent = 'Invite anyway'
        return
      }
      await (node === undefined
        ? addColleague(opened.id, who.replace(/^@/, ''))
        : inviteExternal(opened.id, who))
      element.reset()
      rest()
      await Promise.all([refreshSpaces(model), refreshOpened(model)])
    },
    field(
      'Add people',
      { name: 'who', required: true, autocomplete: 'off', autocapitalize: 'none', input: rest },
      'A colleague’s handle, or @name:company.example',
    ),
    warning,
    button,
  )
  return element
}

function addressingForm(model: Model, opened: Opened, act: Act): HTMLElement {
  const select = h('select', { name: 'group', id: 'address-group' })
  const element = h(
    'form',
    { class: 'adding' },
    h('div', { class: 'field' }, h('label', { for: 'address-group' }, 'Add a group'), select),
    h('button', {}, 'Add group'),
  )
  element.addEventListener('submit', (event) => {
    event.preventDefault()
    const group = select.value as SpaceId
    act(async () => await addressGroup(opened.id, group))
  })

  function draw(): void {
    const there = new Set(opened.space.groups.map(({ id }) => id))
    const groups = model.spaces.filter(
      ({ id, kind, host }) => kind === 'group' && host === model.me.node && !there.has(id),
    )
    element.hidden = groups.length === 0
    select.replaceChildren(
      ...groups.map((group) =>
        h('option', { value: group.id }, `${titleOf(group)} (${companies(model, group.nodes)})`),
      ),
    )
  }
  model.on('space', draw, opened)
  draw()
  return element
}
