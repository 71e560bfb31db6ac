import { sql } from 'kysely'
import t from 'tap'
import type { Event } from '#federation/event.ts'
import type { SpaceId, UserId } from '#schema/ids.ts'
import type { Context } from '#server/context.ts'
import type { Intent, Settled } from '#server/log/intent.ts'
import { forgeEvent, intentOf } from '../helpers/forge.ts'
import { sharedThread } from '../helpers/shared-thread.ts'
import { eventuallySees, textsOf } from '../helpers/spaces.ts'

// What waits for the log of its host while the database will not write something before it.

/** The database takes everything but messages with `Boom` in them, which always come into a conflict. */
async function refuseBooms({ db }: Context): Promise<void> {
  await sql`create function refuse_boom() returns trigger language plpgsql as $$ begin
    if new.text like '%Boom%' then raise exception 'boom' using errcode = '40001'; end if;
    return new;
  end $$`.execute(db)
  await sql`create trigger boom before insert on content for each row execute function refuse_boom()`.execute(
    db,
  )
}

function write(author: Context, space: SpaceId, sender: UserId, text: string): Event {
  return forgeEvent(author, { space, sender, content: { text, fmt: 'plain', mentions: [] } })
}

const statusOf = (outcome: PromiseSettledResult<Settled>): string =>
  outcome.status === 'fulfilled' ? outcome.value.status : 'failed'

t.test('SUB-17: nothing of the same company overtakes what could not be written', async (t) => {
  const { net, alice, bob, thread: space } = await sharedThread()
  t.teardown(async () => await net[Symbol.asyncDispose]())
  const [acme, globex] = [net.node('acme').context, net.node('globex').context]
  await refuseBooms(acme)
  const ours = (text: string): Intent => intentOf(acme, space, [write(acme, space, alice.id as UserId, text)])
  const theirs = (text: string): Intent =>
    intentOf(globex, space, [write(globex, space, bob.id as UserId, text)])
  const append = async (intents: readonly Intent[]): Promise<string[]> => {
    const settling = Promise.allSettled(intents.map(async (intent) => await acme.log.append(intent)))
    await net.clock.advance(5_000)
    return (await settling).map(statusOf)
  }

  // The first is a transaction of its own, and the others are what has queued meanwhile.
  t.strictSame(
    await append([theirs('Boom alone.'), ours('Ours, behind it.'), theirs('Theirs, behind it.')]),
    ['failed', 'accepted', 'failed'],
    'waiting behind it',
  )
  t.strictSame(
    await append([
      ours('Ahead.'),
      theirs('Theirs, before it.'),
      theirs('Boom with others.'),
      theirs('Theirs, in one transaction with it.'),
      ours('Ours, in one transaction with it.'),
    ]),
    ['accepted', 'accepted', 'failed', 'failed', 'accepted'],
    'in one transaction with it, which is then tried one by one',
  )
  t.strictSame(
    await append([ours('Boom of ours.'), ours('Sent by somebody else of ours.')]),
    ['failed', 'accepted'],
    'our own people send each for themselves',
  )

  const last = 'Sent by somebody else of ours.'
  await eventuallySees(net, bob, space, last)
  t.strictSame(await textsOf(bob, space), [
    'Before.',
    'Ours, behind it.',
    'Ahead.',
    'Theirs, before it.',
    'Ours, in one transaction with it.',
    last,
  ])
})
