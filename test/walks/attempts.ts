import assert from 'node:assert/strict'
import { nodeOf, type UserId } from '#schema/ids.ts'
import type { Answer } from '../helpers/person.ts'
import type { Ground } from './ground.ts'
import { isAtLeast, type Role, type Space, startOf, type Witnessed } from './model.ts'
import { type Name, people } from './names.ts'

// What people try on a walk, and what may come of it. Whoever does it is often somebody who may not: then it must not
// come to pass.

/** How many attempts there were, how many of them by somebody who may not, and what became of each kind. */
export class Tally {
  attempts = 0
  unauthorised = 0
  readonly kinds = new Map<string, number>()

  count(kind: string): void {
    this.kinds.set(kind, (this.kinds.get(kind) ?? 0) + 1)
  }

  get story(): string {
    return [...this.kinds].map(([kind, times]) => `${String(times).padStart(7)}  ${kind}`).join('\n')
  }
}
/** Somebody who may, when there is somebody; or anybody at all. */
export type Who = { readonly entitled: boolean; readonly n: number }

/** Somebody does something. `may` is the least that it needs: where it says no, nothing may come of it. */
type Attempt = {
  readonly who: Name
  readonly may: boolean
  readonly what: string
  readonly ask: () => Promise<Answer>
  readonly expects: (entry: Witnessed) => boolean
}

export async function attempt(ground: Ground, tally: Tally, ...attempts: Attempt[]): Promise<Answer[]> {
  const answers = await Promise.all(attempts.map(async ({ ask }) => await ask()))
  const steps = attempts.map(({ who, may, what, expects }) => ({
    who,
    what: `${may ? 'may' : 'may not'} ${what}`,
    expects: (entry: Witnessed) => may && expects(entry),
  }))
  const news = await ground.rest(steps)
  for (const [i, { may, what }] of attempts.entries()) {
    const answer = answers[i]!
    tally.attempts++
    if (!may) tally.unauthorised++
    // What another node hosts is taken in and refused there; nothing in the log has shown that it was.
    const isTaken = answer.status < 300 && answer.body['state'] !== 'queued'
    if (!may) assert.ok(!isTaken, `LEAK: ${what} was allowed: ${JSON.stringify(answer.body)}`)
    if (answer.status >= 400 && attempts.length === 1)
      assert.equal(news.length, 0, `${what} was refused and is done`)
    tally.count(
      `${may ? 'may' : 'may not'} ${what.split(' ', 1)[0]!}: ${answer.status < 300 ? 'done' : 'refused'}`,
    )
  }
  return answers
}

export function choose({ entitled, n }: Who, may: (name: Name) => boolean): Name {
  const those = entitled ? people.filter(may) : people
  return (those.length > 0 ? those : people)[n % (those.length || people.length)]!
}

export function pick<T>(list: readonly T[], n: number): T | undefined {
  return list[n % (list.length || 1)]
}

export function spacesOf(ground: Ground, kind?: string): Space[] {
  return [...ground.model.spaces.values()].filter((space) => kind === undefined || space.kind === kind)
}

export function nodeOfName(ground: Ground, name: Name): string {
  return nodeOf(ground.person(name).id as UserId)
}

/** May they do what needs a role, by what the model knows? */
export function holds(ground: Ground, space: string, needed: Role): (name: Name) => boolean {
  return (name) => {
    const reach = ground.reach(name, space)
    return reach !== undefined && isAtLeast(reach.role, needed)
  }
}

export function posting(ground: Ground, name: Name, space: string): Attempt {
  const text = ground.mark(space, name)
  return {
    who: name,
    may: holds(ground, space, 'poster')(name),
    what: `post by ${name} in ${space}`,
    ask: async () => await ground.ask(name, 'POST', `/api/spaces/${space}/messages`, { text }),
    expects: ({ type, content }) => type === 'msg.post' && content?.['text'] === text,
  }
}

export function ending(ground: Ground, name: Name, space: string, whom: Name): Attempt {
  const { id } = ground.person(whom)
  const isOwn = name === whom
  return {
    who: name,
    may: isOwn ? ground.reach(name, space)?.direct === true : holds(ground, space, 'admin')(name),
    what: `${isOwn ? 'leave' : 'remove'} ${whom} by ${name} from ${space}`,
    ask: async () => await ground.ask(name, 'DELETE', `/api/spaces/${space}/members/${id}`),
    expects: ({ type, content }) => /^member\.(?:leave|remove)$/.test(type) && content?.['user'] === id,
  }
}

/** A whole company goes. */
export async function endCompany(
  ground: Ground,
  tally: Tally,
  name: Name,
  space: string,
  node: string,
): Promise<void> {
  await attempt(ground, tally, {
    who: name,
    may: holds(ground, space, 'admin')(name),
    what: `expel ${node} by ${name} from ${space}`,
    ask: async () => await ground.ask(name, 'DELETE', `/api/spaces/${space}/companies/${node}`),
    expects: ({ type, content }) =>
      (type === 'member.remove' && String(content?.['user']).endsWith(`@${node}`)) ||
      type === 'member.uninvite',
  })
}

export async function begin(
  ground: Ground,
  tally: Tally,
  name: Name,
  kind: 'group' | 'thread',
  groups: readonly string[] = [],
): Promise<string | undefined> {
  const title = ground.mark('', name, 'title')
  const { id } = ground.person(name)
  const node = nodeOfName(ground, name)
  const may = groups.every((group) => {
    return ground.model.spaces.get(group)?.host === node && holds(ground, group, 'poster')(name)
  })
  const [answer] = await attempt(ground, tally, {
    who: name,
    may,
    what: `begin a ${kind} by ${name}`,
    ask: async () => {
      const made = await ground.ask(name, 'POST', '/api/spaces', { kind, title, groups })
      if (made.status < 300) ground.own(String(made.body['id']), title)
      return made
    },
    expects: ({ type, sender }) => type === 'space.create' && sender === id,
  })
  return answer!.status < 300 ? String(answer!.body['id']) : undefined
}

type Granting = { readonly role: Role; readonly history: string }

/** A window as it is asked for, and the first entry that it can show at most. */
function windowOf(ground: Ground, space: string, wish: string, n: number): { history: string; from: number } {
  const head = ground.model.headOf(space)
  if (wish === 'all') return { history: 'all', from: 1 }
  if (wish === 'now') return { history: 'now', from: head + 1 }
  const seq = 1 + (n % head)
  const { kind, texts } = ground.model.spaces.get(space)!
  // In a group a window begins with the last change of its state before what is meant (T7), so that threads fit in.
  const from = kind === 'group' ? texts.lastIndexOf(undefined, seq - 1) + 1 : seq
  return { history: `since:${seq}`, from }
}

/** Is what the log grants no wider than what was asked for, and than what the giver has? */
function isWithin(granted: unknown, asked: number, giver: number, at: number): boolean {
  const from = startOf(String(granted), at)
  return from >= Math.min(asked, at) && from >= Math.min(giver, at)
}

export async function invite(
  ground: Ground,
  tally: Tally,
  given: { who: Name; space: string; whom: Name; wish: string; n: number; role: Role },
): Promise<void> {
  const { who, space, whom, wish, n, role } = given
  const window = windowOf(ground, space, wish, n)
  const reach = ground.reach(who, space)
  const { address, id } = ground.person(who)
  await attempt(ground, tally, {
    who,
    may: mayGrant(ground, who, space, role) && role !== 'admin',
    what: `invite ${address} by ${who} as ${role} to ${space}`,
    ask: async () => {
      const to = { address: ground.person(whom).address }
      const body = { to, role, history: window.history, companies: [nodeOfName(ground, whom)] }
      const answer = await ground.ask(who, 'POST', `/api/spaces/${space}/invitations`, body)
      if (answer.status < 300) ground.invited.push({ id: String(answer.body['id']), space, whom })
      return answer
    },
    // What somebody asks for from a copy, the host enters in its own name, and says for whom.
    expects: ({ type, sender, seq, content }) =>
      type === 'member.invite' &&
      (content?.['by'] ?? sender) === id &&
      isWithin(content?.['history'], window.from, reach?.from ?? Infinity, seq),
  })
}

export function mayGrant(ground: Ground, name: Name, space: string, asked: Role): boolean {
  const own = ground.reach(name, space)?.role
  return own !== undefined && isAtLeast(own, 'member') && isAtLeast(own, asked)
}

export async function answer(
  ground: Ground,
  tally: Tally,
  name: Name,
  n: number,
  yes: boolean,
): Promise<void> {
  const invitation = pick(ground.invited, n)
  if (!invitation) return
  const { id, space, whom } = invitation
  const user = ground.person(whom).id
  await attempt(ground, tally, {
    who: name,
    may: name === whom,
    what: `answer ${yes ? 'yes' : 'no'} by ${name} to ${space}`,
    ask: async () => await ground.ask(name, 'POST', `/api/invitations/${id}/${yes ? 'accept' : 'decline'}`),
    expects: ({ type, content }) =>
      yes ? type === 'member.join' && content?.['user'] === user : type === 'member.uninvite',
  })
}

export async function add(
  ground: Ground,
  tally: Tally,
  given: { who: Name; space: string; whom: Name; n: number } & Granting,
): Promise<void> {
  const { who, space, whom, n, role, history: wish } = given
  const { handle, id } = ground.person(whom)
  const window = windowOf(ground, space, wish, n)
  const reach = ground.reach(who, space)
  await attempt(ground, tally, {
    who,
    may: mayGrant(ground, who, space, role) && nodeOfName(ground, whom) === nodeOfName(ground, who),
    what: `add ${whom} by ${who} as ${role} to ${space}`,
    ask: async () => {
      const body = { handle, role, history: window.history }
      return await ground.ask(who, 'POST', `/api/spaces/${space}/members`, body)
    },
    expects: ({ type, seq, content }) =>
      type === 'member.join' &&
      content?.['user'] === id &&
      content['role'] === role &&
      isWithin(content['history'], window.from, reach?.from ?? Infinity, seq),
  })
}

export async function address(
  ground: Ground,
  tally: Tally,
  given: { who: Who; thread: string; group: string; wish: string; n: number },
): Promise<void> {
  const { thread, group, wish, n } = given
  const may = (name: Name): boolean =>
    holds(ground, thread, 'member')(name) && holds(ground, group, 'poster')(name)
  const name = choose(given.who, may)
  const window = windowOf(ground, thread, wish, n)
  const reach = ground.reach(name, thread)
  await attempt(ground, tally, {
    who: name,
    may: may(name),
    what: `address ${group} by ${name} with ${thread}`,
    ask: async () => {
      const body = { groupId: group, history: window.history }
      return await ground.ask(name, 'POST', `/api/spaces/${thread}/groups`, body)
    },
    expects: ({ type, seq, content }) =>
      type === 'recipient.add' &&
      content?.['group'] === group &&
      isWithin(content['history'], window.from, reach?.from ?? Infinity, seq),
  })
}

export async function withdraw(
  ground: Ground,
  tally: Tally,
  who: Who,
  thread: string,
  group: string,
): Promise<void> {
  const name = choose(who, holds(ground, thread, 'admin'))
  await attempt(ground, tally, {
    who: name,
    may: holds(ground, thread, 'admin')(name),
    what: `withdraw ${group} by ${name} from ${thread}`,
    ask: async () => await ground.ask(name, 'DELETE', `/api/spaces/${thread}/groups/${group}`),
    expects: ({ type, content }) => type === 'recipient.remove' && content?.['group'] === group,
  })
}

/** Looks at a space in some way; all that is told is judged. */
export async function read(
  ground: Ground,
  tally: Tally,
  name: Name,
  space: string,
  n: number,
): Promise<void> {
  const paths = ['', `/entries?after=${n % 7}`, '/entries?limit=3', '/invitations', '/members'] as const
  const path = pick(paths.slice(0, 3), n)!
  await attempt(ground, tally, {
    who: name,
    may: ground.reach(name, space) !== undefined,
    what: `read ${path} of ${space} by ${name}`,
    ask: async () => await ground.ask(name, 'GET', `/api/spaces/${space}${path}`),
    expects: () => false,
  })
  if (n % 3 === 0) await ground.ask(name, 'GET', '/api/spaces')
  if (n % 5 === 0) await ground.ask(name, 'GET', '/api/invitations')
}
