import t from 'tap'
import { digestState, type SpaceState } from '#federation/state.ts'
import { judgePast } from '#federation/past.ts'
import { readSnapshot, type SnapshotClaim } from '#federation/snapshot.ts'
import type { Checkpoint } from '#schema/wire/log.ts'
import type { Snapshot } from '#schema/wire/snapshot.ts'
import { acme, bob, globex } from './fixtures.ts'
import { alice, anna, batchOf, begin, jti, says, type TestLog, writeAll } from './log-fixtures.ts'

// A copy that begins behind the genesis, and what is fetched before it.

const log = writeAll(begin(), [
  { type: 'member.join', content: { user: anna, role: 'member', history: 'all' } },
  says('One.'),
  { type: 'member.invite', content: { jti: jti(1), node: globex, role: 'poster', history: 'now' } },
  says('Two.', anna),
])

function checkpointAt(log: TestLog, seq: number): Checkpoint {
  return batchOf(log, 1, seq).checkpoint
}

function claimOf(of: TestLog): SnapshotClaim {
  const { space, placed, state, head } = of
  const [first] = placed
  const { members, invites, nodes, groups, settings } = state
  const people: Pick<Snapshot, 'members' | 'invites'> = {
    members: [...members].map(([user, m]) => [user, m.role, m.joinSeq, m.history]),
    invites: [...invites].map(([id, i]) => [id, i.node, i.role, i.history]),
  }
  return {
    space,
    host: acme,
    head: {
      genesis: { event: first!.wire, entry: first!.entry.text, checkpoint: '' },
      checkpoint: '',
      parts: 1,
      nodes: [...nodes],
      groups: [...groups].map(([id, g]) => [id, g.addSeq, g.history, g.anchorSeq]),
      settings: [...settings],
    },
    parts: [people],
    first: checkpointAt(of, 1),
    proof: undefined,
    checkpoint: checkpointAt(of, head.seq),
  }
}

function codeOf(outcome: ReturnType<typeof readSnapshot> | ReturnType<typeof judgePast>): string {
  return outcome.ok ? 'ok' : outcome.code
}

t.test('JOI-01 [H2, H3] the state of a snapshot is the one that the log had there', async (t) => {
  const read = readSnapshot(claimOf(log))
  if (!read.ok) throw new Error(read.code)
  const { state, base } = read.value
  t.strictSame(base, log.head)
  t.equal(digestState(state), digestState(log.state))
  const plain = ({ members, invites, nodes, groups, settings, starter, kind }: SpaceState) =>
    JSON.stringify([[...members], [...invites], [...nodes], [...groups], [...settings], starter, kind])
  t.equal(plain(state), plain(log.state))
})

t.test('JOI-02 [H3] whatever the digest covers cannot be said differently', async (t) => {
  const claim = claimOf(log)
  const [part] = claim.parts as [Pick<Snapshot, 'members' | 'invites'>]
  const withPart = (changes: Partial<typeof part>): SnapshotClaim => ({
    ...claim,
    parts: [{ ...part, ...changes }],
  })
  const withHead = (changes: Partial<typeof claim.head>): SnapshotClaim => ({
    ...claim,
    head: { ...claim.head, ...changes },
  })
  const [first, ...rest] = part.members
  t.equal(codeOf(readSnapshot(claim)), 'ok')
  t.equal(codeOf(readSnapshot(withPart({ members: rest }))), 'fork', 'a member is missing')
  t.equal(codeOf(readSnapshot(withPart({ members: [...part.members, [bob, 'poster', 2, 'all']] }))), 'fork')
  t.equal(
    codeOf(readSnapshot(withPart({ members: [[first![0], 'reader', first![2], 'all'], ...rest] }))),
    'fork',
  )
  t.equal(codeOf(readSnapshot(withPart({ members: [...part.members, first!] }))), 'schema', 'a line twice')
  t.equal(codeOf(readSnapshot(withPart({ invites: [] }))), 'fork')
  t.equal(codeOf(readSnapshot(withHead({ nodes: [[globex, 2]] }))), 'fork')
  t.equal(codeOf(readSnapshot(withHead({ settings: [] }))), 'fork')
  t.equal(codeOf(readSnapshot({ ...claim, checkpoint: { ...claim.checkpoint, iss: globex } })), 'not-host')
  t.equal(codeOf(readSnapshot({ ...claim, host: globex })), 'not-host')
})

t.test('JOI-04 [H3] the genesis is that of the space, and a dm has no snapshot', async (t) => {
  const other = begin({ settings: { title: 'Another' } })
  const claim = claimOf(log)
  const swapped = { ...claim, head: { ...claim.head, genesis: claimOf(other).head.genesis } }
  t.equal(codeOf(readSnapshot(swapped)), 'schema')
  const unsigned = { ...claim, first: checkpointAt(log, 2) }
  t.equal(codeOf(readSnapshot(unsigned)), 'schema', 'the checkpoint beside it is over it')
  const dm = begin({ kind: 'dm', size: 2, settings: {}, recipients: { users: [alice], groups: [] } })
  t.equal(codeOf(readSnapshot(claimOf(dm))), 'wrong-kind')
})

t.test('GAP-02 GAP-03 [H6, H7] entries of the past lead to the base, and to nothing else', async (t) => {
  const { space, placed, head: base } = log
  const copy = { space, host: acme, base, genesis: placed[0]!.entry.hash }
  const entries = placed.map(({ entry, wire }) => ({ entry, wire }))
  const checkpoint = checkpointAt(log, base.seq)
  const judge = (changes: Partial<{ entries: typeof entries; checkpoint: Checkpoint }> = {}, at = copy) =>
    judgePast(at, { entries, checkpoint, ...changes }, { proves: () => false, isDisputed: () => false })
  t.equal(codeOf(judge()), 'ok')
  t.equal(codeOf(judge({ entries: entries.slice(2) })), 'ok', 'a page of it')
  t.equal(codeOf(judge({ entries: entries.slice(0, 3) })), 'schema', 'it ends before the base')
  t.equal(codeOf(judge({ entries: entries.toSpliced(2, 1) })), 'schema', 'with a hole')
  t.equal(codeOf(judge({ entries: [] })), 'schema')
  t.equal(codeOf(judge({}, { ...copy, base: { ...base, hash: placed[0]!.entry.hash } })), 'fork')
  t.equal(codeOf(judge({}, { ...copy, genesis: base.hash })), 'fork', 'another genesis')
  t.equal(codeOf(judge({ checkpoint: { ...checkpoint, iss: globex } })), 'not-host')
  const turned = entries.with(2, { ...entries[2]!, wire: { ...entries[2]!.wire, content: '{}' } })
  const read = judge({ entries: turned })
  t.strictSame(read.ok && read.value.map(({ standing }) => standing)[2], 'unreadable')
  const another = entries.with(2, { ...entries[2]!, wire: entries[4]!.wire })
  t.equal(codeOf(judge({ entries: another })), 'content-mismatch')
})
