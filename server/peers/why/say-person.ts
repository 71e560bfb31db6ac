import type { Closed, PersonWhy } from '#schema/why.ts'
import { sayOrder } from './say-hindrance.ts'
import { count, sayTime } from './words.ts'

const closed: Readonly<Record<Closed, string>> = {
  suspended: 'their account is suspended',
  deleted: 'their account is deleted',
  fence: 'an order of the host to end their access is here, ahead of the log',
  ending: 'our own administrator has ended it, and the host has not taken that up yet',
  purge: 'our copy of it is being deleted',
  withheld: 'after a restore it is not known yet what came after the backup',
  lease: 'the lease of its host has run out or names orders that we lack',
  unvouched: 'their own node has not vouched for them for more than a month',
}

const endings: Readonly<Record<string, string>> = {
  'member.leave': 'they left',
  'member.remove': 'they were removed',
  'node.remove': 'their company was removed',
}

export function sayPerson(why: PersonWhy): string[] {
  const { id, node, isOurs, kind, identityVersion, ways, ended, orders } = why
  return [
    `${id} is a ${kind} of ${isOurs ? 'this node' : node}, in version ${identityVersion} of their identity.`,
    ...sayStanding(why),
    ...(ways.length === 0 ? ['By the logs that are here they take part in nothing.'] : ways.map(sayWay)),
    ...ended.map(sayEnded),
    ...why.invitations.map(sayInvitation),
    ...orders.map(sayOrder),
  ]
}

function sayStanding({ status, isOurs, node, vouchedUntil, account }: PersonWhy): string[] {
  const lines = status === 'active' ? [] : [`The account is ${status}, so they get in nowhere.`]
  if (!isOurs) {
    const vouched =
      vouchedUntil === null
        ? `We hold no identity document of ${node} about them.`
        : `${node} has vouched for them until ${sayTime(vouchedUntil)}.`
    return [...lines, vouched]
  }
  if (!account) return [...lines, 'There is no account to sign in with.']
  const { role, lastUsedAt, sessions } = account
  return [
    ...lines,
    `Their account is that of ${role === 'owner' || role === 'admin' ? 'an' : 'a'} ${role}, last used on ${new Date(lastUsedAt).toISOString().slice(0, 10)}, with ${count(sessions, 'session')}.`,
  ]
}

function sayWay({ space, kind, host, through, role, fromSeq, closedBy }: PersonWhy['ways'][number]): string {
  const by = through === null ? `as ${role ?? 'a member'}` : `through the group ${through}`
  const way = `They reach the ${kind} ${space}, hosted by ${host}, ${by}, from entry ${fromSeq} on.`
  return closedBy === null
    ? way
    : `${way.replace('They reach', 'They should reach')} They cannot get in: ${closed[closedBy]}.`
}

const statuses: Readonly<Record<PersonWhy['invitations'][number]['status'], string>> = {
  approval: 'it waits for an administrator of ours',
  open: 'it waits for their answer',
  accepted: 'they have accepted, and the host has not entered them yet',
  declined: 'they have declined',
  revoked: 'it was withdrawn',
  expired: 'it has expired',
  refused: 'it was refused',
}

function sayInvitation({
  space,
  host,
  status,
  rule,
  at,
  expiresAt,
}: PersonWhy['invitations'][number]): string {
  const by = rule === null ? '' : `, by the rule ${rule}`
  return `They were invited to ${space}, hosted by ${host}, on ${sayTime(at)}, until ${sayTime(expiresAt)}: ${statuses[status]}${by}.`
}

function sayEnded({ space, host, seq, type, by, at }: PersonWhy['ended'][number]): string {
  const how = (type === null ? undefined : endings[type]) ?? 'their membership ended'
  const when = at === null ? '' : ` on ${sayTime(at)}`
  const whose = by === null || type === 'member.leave' ? '' : ` by ${by}`
  return `They do not reach ${space}, hosted by ${host}: ${how}${whose}${when}, with entry ${seq}.`
}
