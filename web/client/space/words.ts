import type { Entry } from '#schema/entry.ts'
import type { SpaceId, UserId } from '#schema/ids.ts'
import type { Model } from '../model/model.ts'

// What entries say in sentences, and how times are written.

export function messageTextOf({ type, content }: Entry): string | undefined {
  return type === 'msg.post' ? read(content, 'text') : undefined
}

/** An entry that is no message, as one quiet sentence. */
export function sentenceOf(model: Model, entry: Entry): string {
  const { type, content, standing } = entry
  const who = nameOf(model, entry.sender)
  const whom = nameOf(model, read(content, 'user') ?? '')
  if (type === 'msg.post')
    return `A message of ${who} is not shown: ${whyHidden[standing] ?? 'it was erased'}.`
  switch (type) {
    case 'space.create':
      return `${who} started this ${kindWord(read(content, 'kind') ?? 'space')}.`
    case 'space.set':
      return settingSentence(who, read(content, 'key'), read(content, 'value'))
    case 'node.add':
      return `${read(content, 'node')} takes part from here on.`
    case 'node.remove':
      return `${read(content, 'node')} takes part no longer.`
    case 'member.invite':
      // The host enters it for somebody elsewhere, and for whom an administrator had to agree to.
      return `${nameOf(model, read(content, 'by') ?? entry.sender)} invited somebody at ${read(content, 'node')}.`
    case 'member.uninvite':
      return uninvited[read(content, 'reason') ?? ''] ?? 'An invitation ended.'
    case 'member.join':
      return entry.person && who !== whom ? `${who} added ${whom}.` : `${whom} joined.`
    case 'member.leave':
      return `${whom} left.`
    case 'member.remove':
      return `${who} removed ${whom}.`
    case 'member.role':
      return `${who} made ${whom} ${read(content, 'role')}.`
    case 'recipient.add':
      return `${who} addressed this to ${groupName(model, read(content, 'group'))}.`
    case 'recipient.remove':
      return `${who} took ${groupName(model, read(content, 'group'))} off this.`
    default:
      return 'Something happened here that this version does not know.'
  }
}

const whyHidden: Readonly<Record<string, string>> = {
  unverified: 'it could not be proved to be theirs',
  unreadable: 'it cannot be read',
  unsupported: 'this version does not know its kind',
  held: 'an administrator has to agree to their company first',
}

const uninvited: Readonly<Record<string, string>> = {
  declined: 'An invitation was declined.',
  revoked: 'An invitation was withdrawn.',
  expired: 'An invitation expired.',
}

function settingSentence(who: string, key: string | undefined, value: string | undefined): string {
  if (key === 'title') return `${who} named it “${value}”.`
  if (key === 'description') return `${who} changed the description.`
  if (key === 'replies-off') return `${who} turned replies ${value === 'yes' ? 'off' : 'on'}.`
  if (key === 'locked') return `${who} ${value === 'yes' ? 'locked' : 'unlocked'} this.`
  return `${who} set “${key}” to ${value}.`
}

/** A name, or as much as there is to say about somebody. */
export function nameOf(model: Model, sender: string): string {
  const person = model.people.get(sender as UserId)
  if (person) return person.name
  const node = sender.slice(sender.indexOf('@') + 1)
  return sender.startsWith('node@') ? node : `Somebody at ${node}`
}

function groupName(model: Model, id: string | undefined): string {
  const known = model.opened?.space.groups.find((group) => group.id === id)
  const title = known?.title ?? model.spaces.find((space) => space.id === (id as SpaceId))?.title
  return title ? `the group “${title}”` : 'a group'
}

function read(content: Entry['content'], name: string): string | undefined {
  if (content === null || typeof content !== 'object' || Array.isArray(content)) return undefined
  const value = content[name]
  return typeof value === 'string' ? value : undefined
}

/** What people call a kind of space. */
export function kindWord(kind: string): string {
  return kind === 'dm' ? 'direct conversation' : kind
}

export function titleOf({ title, kind }: { readonly title: string | null; readonly kind: string }): string {
  return title ?? (kind === 'dm' ? 'Direct conversation' : `Untitled ${kind}`)
}

/** a, b and c */
export function listed(words: readonly string[]): string {
  return new Intl.ListFormat('en', { type: 'conjunction' }).format(words)
}
