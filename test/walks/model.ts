import { nodeOf, type UserId } from '#schema/ids.ts'

// Who reaches what, told once more and as plainly as it can be: from the words of semantics.md and SPEC T5 to T7, not
// from the code that it judges. It is told what stands in the logs, and says who may see which of it.

export type Witnessed = {
  readonly space: string
  readonly seq: number
  readonly type: string
  readonly sender: string
  readonly content: Readonly<Record<string, unknown>> | null
}

type Member = { readonly role: Role; readonly history: string; readonly joinSeq: number }
type Addressed = { readonly history: string; readonly addSeq: number; readonly anchor: number }
export type Role = 'reader' | 'poster' | 'member' | 'admin'
const ranks: readonly Role[] = ['reader', 'poster', 'member', 'admin']

export type Space = {
  readonly id: string
  readonly kind: string
  readonly host: string
  readonly starter: string
  /** What stands at each place: the text of a message, or undefined. The first is at 1. */
  readonly texts: (string | undefined)[]
  readonly members: Map<string, Member>
  readonly groups: Map<string, Addressed>
  /** The groups that its log names, withdrawn ones too: the log goes on saying so. */
  readonly named: Set<string>
  readonly invites: Map<string, string>
  stateSeq: number
}

export type Reach = {
  readonly role: Role
  /** The first entry that is theirs to see. */
  readonly from: number
  /** Whether their own membership, and not only a group, leads here. */
  readonly direct: boolean
}

export class Model {
  readonly spaces = new Map<string, Space>()

  headOf(space: string): number {
    return this.spaces.get(space)?.texts.length ?? 0
  }

  fold({ space: id, seq, type, sender, content }: Witnessed): void {
    if (type === 'space.create') this.#begin(id, sender, content!)
    const space = this.spaces.get(id)
    if (!space || seq !== space.texts.length + (type === 'space.create' ? 0 : 1)) {
      throw new Error(`The log of ${id} goes on at ${seq} behind ${space?.texts.length}.`)
    }
    if (type !== 'space.create') space.texts.push(type === 'msg.post' ? String(content?.['text']) : undefined)
    if (type !== 'msg.post') space.stateSeq = seq
    this.#change(space, seq, type, content ?? {})
  }

  #begin(id: string, starter: string, content: Readonly<Record<string, unknown>>): void {
    const { users, groups } = content['recipients'] as { users: string[]; groups: string[] }
    this.spaces.set(id, {
      id,
      kind: textOf(content['kind']),
      host: nodeOf(starter as UserId),
      starter,
      texts: [undefined],
      members: new Map(
        users.map((user) => [
          user,
          { role: user === starter ? 'admin' : 'member', history: 'all', joinSeq: 1 },
        ]),
      ),
      groups: new Map(groups.map((group) => [group, this.#address(group, 'all', 1)])),
      named: new Set(groups),
      invites: new Map(),
      stateSeq: 1,
    })
  }

  #address(group: string, history: string, addSeq: number): Addressed {
    return { history, addSeq, anchor: this.spaces.get(group)?.stateSeq ?? 0 }
  }

  #change(space: Space, seq: number, type: string, content: Readonly<Record<string, unknown>>): void {
    const history = textOf(content['history'])
    if (type === 'member.join') {
      space.invites.delete(textOf(content['invite']))
      space.members.set(textOf(content['user']), { role: content['role'] as Role, history, joinSeq: seq })
    } else if (type === 'member.leave' || type === 'member.remove') {
      space.members.delete(textOf(content['user']))
    } else if (type === 'recipient.add') {
      space.named.add(textOf(content['group']))
      space.groups.set(textOf(content['group']), this.#address(textOf(content['group']), history, seq))
    } else if (type === 'recipient.remove') {
      space.groups.delete(textOf(content['group']))
    } else if (type === 'member.invite') {
      space.invites.set(textOf(content['jti']), textOf(content['node']))
    } else if (type === 'member.uninvite') {
      space.invites.delete(textOf(content['jti']))
    }
  }

  /** Undefined: the space is not to be seen by them. */
  reach(user: string, id: string): Reach | undefined {
    const space = this.spaces.get(id)
    if (!space) return undefined
    const ways: Reach[] = []
    const own = space.members.get(user)
    if (own) ways.push({ role: own.role, from: startOf(own.history, own.joinSeq), direct: true })
    for (const [group, { history, addSeq, anchor }] of space.groups) {
      const member = this.spaces.get(group)?.members.get(user)
      if (!member || !includes(member, anchor)) continue
      ways.push({ role: member.role, from: startOf(history, addSeq), direct: false })
    }
    if (ways.length === 0) return undefined
    if (space.kind === 'thread' && space.starter === user) ways.push({ ...ways[0]!, role: 'admin' })
    return {
      role: ways.map((way) => way.role).reduce((a, b) => (isAtLeast(a, b) ? a : b)),
      from: Math.min(...ways.map((way) => way.from)),
      direct: own !== undefined,
    }
  }

  /** Does one of these people of a node see the space? */
  nodeReaches(node: string, id: string, people: readonly string[]): boolean {
    return people.some((user) => nodeOf(user as UserId) === node && this.reach(user, id) !== undefined)
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

export function isAtLeast(role: Role, needed: Role): boolean {
  return ranks.indexOf(role) >= ranks.indexOf(needed)
}

/** A window that is meant to begin after the moment of the grant begins there. */
export function startOf(history: string, grantedAt: number): number {
  if (history === 'all') return 1
  return history === 'now' ? grantedAt : Math.min(grantedAt, Number(history.slice('since:'.length)))
}

/** A thread belongs to what somebody gets with a group when it was addressed to it within their window. */
function includes({ history, joinSeq }: Member, anchor: number): boolean {
  if (history === 'all') return true
  return anchor >= (history === 'now' ? joinSeq : Number(history.slice('since:'.length)))
}
