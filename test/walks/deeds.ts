import fc from 'fast-check'
import {
  add,
  address,
  answer,
  attempt,
  begin,
  choose,
  endCompany,
  ending,
  holds,
  invite,
  mayGrant,
  nodeOfName,
  pick,
  posting,
  read,
  spacesOf,
  type Tally,
  type Who,
  withdraw,
} from './attempts.ts'
import type { Ground } from './ground.ts'
import type { Model, Role, Space } from './model.ts'
import { people } from './names.ts'

// What a walk is drawn from. Each deed names what it wants; on whom and what it falls is chosen among what there is, so
// that a shorter walk is still one.

type Deed = fc.AsyncCommand<Model, Ground>

const who: fc.Arbitrary<Who> = fc.record({ entitled: fc.boolean(), n: fc.nat(59) })
const which = fc.nat(59)
const role = fc.constantFrom<Role>('reader', 'poster', 'poster', 'member', 'admin')
const history = fc.constantFrom('all', 'now', 'since')

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
