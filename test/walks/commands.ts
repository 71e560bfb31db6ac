import assert from 'node:assert/strict'
import fc from 'fast-check'
import { nodeOf, type UserId } from '#schema/ids.ts'
import type { Answer } from '../helpers/person.ts'
import type { Ground } from './ground.ts'
import { isAtLeast, type Model, type Role, type Space, startOf, type Witnessed } from './model.ts'
import { type Name, people } from './names.ts'

// What people do on a walk. Each names what it wants; on whom and what it falls is chosen among what there is, so
// that a shorter walk is still one. Whoever does it is often somebody who may not: then it must not come to pass.

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
type Deed = fc.AsyncCommand<Model, Ground>

/** Somebody who may, when there is somebody; or anybody at all. */
type Who = { readonly entitled: boolean; readonly n: number }
const who: fc.Arbitrary<Who> = fc.record({ entitled: fc.boolean(), n: fc.nat(59) })
const which = fc.nat(59)
const role = fc.constantFrom<Role>('reader', 'poster', 'poster', 'member', 'admin')
const history = fc.constantFrom('all', 'now', 'since')

/** Somebody does something. `may` is the least that it needs: where it says no, nothing may come of it. */
type Attempt = {
  readonly who: Name
  readonly may: boolean
  readonly what: string
  readonly ask: () => Promise<Answer>
  readonly expects: (entry: Witnessed) => boolean
}

async function attempt(ground: Ground, tally: Tally, ...attempts: Attempt[]): Promise<Answer[]> {
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

function choose({ entitled, n }: Who, may: (name: Name) => boolean): Name {
  const those = entitled ? people.filter(may) : people
  return (those.length > 0 ? those : people)[n % (those.length || people.length)]!
}

function pick<T>(list: readonly T[], n: number): T | undefined {
  return list[n % (list.length || 1)]
}

function spacesOf(ground: Ground, kind?: string): Space[] {
  return [...ground.model.spaces.values()].filter((space) => kind === undefined || space.kind === kind)
}

function nodeOfName(ground: Ground, name: Name): string {
  return nodeOf(ground.person(name).id as UserId)
}

/** May they do what needs a role, by what the model knows? */
function holds(ground: Ground, space: string, needed: Role): (name: Name) => boolean {
  return (name) => {
    const reach = ground.reach(name, space)
    return reach !== undefined && isAtLeast(reach.role, needed)
  }
}

function posting(ground: Ground, name: Name, space: string): Attempt {
  const text = ground.mark(space, name)
  return {
    who: name,
    may: holds(ground, space, 'poster')(name),
    what: `post by ${name} in ${space}`,
    ask: async () => await ground.ask(name, 'POST', `/api/spaces/${space}/messages`, { text }),
    expects: ({ type, content }) => type === 'msg.post' && content?.['text'] === text,
  }
}

function ending(ground: Ground, name: Name, space: string, whom: Name): Attempt {
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
async function endCompany(
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

function mayGrant(ground: Ground, name: Name, space: string, asked: Role): boolean {
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

async function address(
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

async function withdraw(
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
async function read(ground: Ground, tally: Tally, name: Name, space: string, n: number): Promise<void> {
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

/** A deed on a walk, with what it shows of itself when the walk fails. */
function deed<T>(
  name: string,
  chance: fc.Arbitrary<T>,
  run: (ground: Ground, chosen: T) => Promise<void>,
): fc.Arbitrary<Deed> {
  return chance.map((chosen) => ({
    check: () => true,
    run: async (_model, ground) => await run(ground, chosen),
    toString: () => `${name}(${JSON.stringify(chosen)})`,
  }))
}

const spacesMax = 5

export function deeds(tally: Tally): fc.Arbitrary<Deed>[] {
  const space = (ground: Ground, n: number, kind?: string): Space => pick(spacesOf(ground, kind), n)!
  const post = deed('post', fc.record({ who, n: which }), async (ground, { who, n }) => {
    const { id } = space(ground, n)
    await attempt(ground, tally, posting(ground, choose(who, holds(ground, id, 'poster')), id))
  })
  const start = deed(
    'begin',
    fc.record({ who, n: which, isIn: fc.boolean() }),
    async (ground, { who, n, isIn }) => {
      if (spacesOf(ground).length >= spacesMax) return
      const { id } = space(ground, n, 'group')
      const name = choose(who, (name) => !isIn || holds(ground, id, 'poster')(name))
      await begin(ground, tally, name, isIn || n % 2 === 0 ? 'thread' : 'group', isIn ? [id] : [])
    },
  )
  const asking = fc.record({ who, n: which, m: which, role, wish: history })
  const invitation = deed('invite', asking, async (ground, { who, n, m, role, wish }) => {
    const { id, host } = space(ground, n)
    const name = choose(who, (name) => mayGrant(ground, name, id, role))
    const others = people.filter((other) => nodeOfName(ground, other) !== host)
    await invite(ground, tally, { who: name, space: id, whom: pick(others, m)!, wish, n, role })
  })
  const reply = deed(
    'answer',
    fc.record({ who, n: which, yes: fc.constantFrom(true, true, true, false) }),
    async (ground, { who, n, yes }) => {
      const whom = pick(ground.invited, n)?.whom
      await answer(
        ground,
        tally,
        choose(who, (name) => name === whom),
        n,
        yes,
      )
    },
  )
  const adding = deed('add', asking, async (ground, { who, n, m, role, wish }) => {
    const { id, host } = space(ground, n)
    const name = choose(who, (name) => mayGrant(ground, name, id, role))
    const colleagues = people.filter((other) => nodeOfName(ground, other) === host)
    await add(ground, tally, { who: name, space: id, whom: pick(colleagues, m)!, n, role, history: wish })
  })
  const removal = fc.record({ who, n: which, m: which })
  const remove = deed('end', removal, async (ground, { who, n, m }) => {
    const { id, members } = space(ground, n)
    const inIt = people.filter((name) => members.has(ground.person(name).id))
    const whom = pick(m % 5 === 0 ? people : inIt, m) ?? 'bob'
    const name = choose(who, (name) => name === whom || holds(ground, id, 'admin')(name))
    await attempt(ground, tally, ending(ground, name, id, whom))
  })
  const expel = deed('expel', removal, async (ground, { who, n }) => {
    const { id, host } = space(ground, n)
    const node = host === 'acme.test' ? 'globex.test' : 'acme.test'
    await endCompany(ground, tally, choose(who, holds(ground, id, 'admin')), id, node)
  })
  const race = deed('race', removal, async (ground, { who, n, m }) => {
    const { id, members } = space(ground, n)
    const whom = pick(
      people.filter((name) => members.has(ground.person(name).id)),
      m,
    )
    const remover = choose(
      { ...who, entitled: true },
      (name) => name !== whom && holds(ground, id, 'admin')(name),
    )
    const poster = choose(who, (name) => name !== whom && holds(ground, id, 'poster')(name))
    if (!whom || remover === whom || poster === whom) return
    tally.count('race of a removal and a post')
    await attempt(ground, tally, ending(ground, remover, id, whom), posting(ground, poster, id))
  })
  const addressing = deed(
    'address',
    fc.record({ who, n: which, m: which, wish: history }),
    async (ground, { n, m, ...given }) => {
      const [thread, group] = [space(ground, n, 'thread'), space(ground, m, 'group')]
      await address(ground, tally, { ...given, thread: thread.id, group: group.id, n })
    },
  )
  const withdrawal = deed('withdraw', removal, async (ground, { who, n, m }) => {
    const thread = space(ground, n, 'thread')
    await withdraw(
      ground,
      tally,
      who,
      thread.id,
      pick([...thread.groups.keys()], m) ?? space(ground, m, 'group').id,
    )
  })
  const reading = deed('read', fc.record({ who, n: which }), async (ground, { who, n }) => {
    const { id } = space(ground, n)
    await read(
      ground,
      tally,
      choose(who, (name) => ground.reach(name, id) !== undefined),
      id,
      n,
    )
  })
  return [
    post,
    post,
    start,
    invitation,
    reply,
    reply,
    adding,
    remove,
    remove,
    race,
    expel,
    addressing,
    withdrawal,
    reading,
  ]
}
