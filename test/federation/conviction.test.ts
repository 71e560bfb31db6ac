import t from 'tap'
import { buildEntry, type Entry, noHash } from '#federation/chain.ts'
import { convict, hashEvidence } from '#federation/conviction.ts'
import type { Hash, NodeId, SpaceId } from '#schema/ids.ts'
import type { Checkpoint } from '#schema/wire/log.ts'

const space = `s_${'E'.repeat(43)}` as SpaceId
const host = 'acme.test' as NodeId
const of = (letter: string): Hash => letter.repeat(43) as Hash

/** A log of so many entries; `branch` is what the last ones are about. */
function logOf(length: number, branch: string, from = 1): Entry[] {
  const entries: Entry[] = []
  for (let seq = 1; seq <= length; seq++) {
    const prev = entries.at(-1)?.hash ?? noHash
    const event = of(seq < from ? 'E' : branch)
    entries.push(
      buildEntry({ v: 1, space, epoch: 1, seq, prev, event, at: 1_800_000_000_000 + seq, kid: null }),
    )
  }
  return entries
}

function over(entry: Entry, changes: Partial<Checkpoint> = {}): Checkpoint {
  const { epoch, seq } = entry.body
  return {
    v: 1,
    iss: host,
    space,
    epoch,
    seq,
    hash: entry.hash,
    state: of('I'),
    at: 1_800_000_002_000,
    ...changes,
  }
}

const ours = logOf(6, 'M', 4)
const theirs = logOf(6, 'Q', 4)
const texts = (log: readonly Entry[], after: number, upTo: number): string[] =>
  log.slice(after, upTo).map(({ text }) => text)

t.test('EQV-01 [O1] two checkpoints over one seq convict by hash or by state', async (t) => {
  t.match(convict(over(ours[4]!), over(theirs[4]!)), { ok: true, value: { host, space, epoch: 1, seq: 5 } })
  t.match(convict(over(ours[4]!), over(ours[4]!, { state: of('U') })), { ok: true })
  t.match(convict(over(ours[4]!), over(ours[4]!, { at: 1_800_000_003_000 })), {
    ok: false,
    code: 'no-conflict',
  })
})

t.test('[O2] over different seqs they convict by the entries between them', async (t) => {
  const [early, late] = [over(ours[3]!), over(theirs[5]!)]
  t.match(convict(early, late, texts(theirs, 4, 6)), { ok: true, value: { seq: 4 } })
  t.match(convict(late, early, texts(theirs, 4, 6)), { ok: true }, 'in whichever order')
  const fair = convict(over(ours[3]!), over(ours[5]!), texts(ours, 4, 6))
  t.match(fair, { ok: false, code: 'no-conflict' }, 'a log that goes on convicts nobody')
})

t.test('[O2] entries that are not the whole way convict nobody', async (t) => {
  const [early, late] = [over(ours[3]!), over(theirs[5]!)]
  const refused = { ok: false, code: 'no-conflict' }
  t.match(convict(early, late), refused, 'none')
  t.match(convict(early, late, texts(theirs, 5, 6)), refused, 'too few')
  t.match(convict(early, late, texts(theirs, 3, 6)), refused, 'too many')
  t.match(convict(early, late, texts(theirs, 4, 6).toReversed()), refused, 'in another order')
  t.match(convict(early, late, [theirs[4]!.text, ours[5]!.text]), refused, 'of two logs')
  t.match(convict(early, over(ours[5]!), texts(theirs, 4, 6)), refused, 'not leading to the later one')
})

t.test('[O1] checkpoints about different things convict nobody', async (t) => {
  const other = over(theirs[4]!)
  const refused = { ok: false, code: 'no-conflict' }
  t.match(convict(over(ours[4]!), { ...other, iss: 'globex.test' as NodeId }), refused)
  t.match(convict(over(ours[4]!), { ...other, epoch: 2 }), refused)
  t.match(convict(over(ours[4]!), { ...other, space: `s_${'I'.repeat(43)}` as SpaceId }), refused)
})

t.test('[O3] the name of evidence does not depend on the order', async (t) => {
  t.equal(hashEvidence(of('A'), of('E')), hashEvidence(of('E'), of('A')))
  t.not(hashEvidence(of('A'), of('E')), hashEvidence(of('A'), of('I')))
})
