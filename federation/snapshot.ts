import type { NodeId, SpaceId } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import type { Checkpoint } from '#schema/wire/log.ts'
import type { Snapshot, SnapshotHead } from '#schema/wire/snapshot.ts'
import type { Head } from './chain.ts'
import { type Beginning, type GenesisProof, readBeginning } from './genesis.ts'
import { accept, type Outcome, refuse } from './outcome.ts'
import { digestState, type SpaceState } from './state.ts'

// What a follower begins with whose history begins behind the genesis (SPEC H2 to H5): the state at a seq, under the
// host's signature over exactly that state. What came before cannot be checked and need not be.

export type SnapshotRead = {
  readonly beginning: Beginning
  readonly state: SpaceState
  /** The last entry that is not part of the follower's history: what the first one of it follows. */
  readonly base: Head
}

/** The checkpoints are the verified payloads of those in the head: of the genesis, and of the base. `proof`: of the genesis. */
export type SnapshotClaim = {
  readonly space: SpaceId
  readonly host: NodeId
  readonly head: SnapshotHead
  readonly parts: readonly Pick<Snapshot, 'members' | 'invites'>[]
  readonly first: Checkpoint
  readonly checkpoint: Checkpoint
  readonly proof: GenesisProof
}

export function readSnapshot(claim: SnapshotClaim): Outcome<SnapshotRead> {
  const { space, host, head, parts, first, checkpoint, proof } = claim
  const beginning = readBeginning(head.genesis, first, { space, host, proof })
  if (!beginning.ok) return beginning
  // A dm is followed from its genesis on: who may still come in depends on who ever was.
  if (beginning.value.content.kind === 'dm') return refuse('wrong-kind', 'snapshot')
  if (checkpoint.iss !== host) return refuse('not-host', 'checkpoint')
  if (checkpoint.space !== space) return refuse('schema', 'checkpoint')
  const state = assemble(beginning.value.state, head, parts, checkpoint)
  if (!state) return refuse('schema', 'lines')
  // The same digest as the host signed means the same members, companies, invitations and settings.
  if (digestState(state) !== checkpoint.state) return refuse('fork', 'state-digest')
  const { epoch, seq, hash } = checkpoint
  return accept({ beginning: beginning.value, state, base: { epoch, seq, hash } })
}

/** Undefined when a line stands twice, or there are more than there can be. */
function assemble(
  begun: SpaceState,
  head: SnapshotHead,
  parts: SnapshotClaim['parts'],
  { epoch, seq, hash }: Checkpoint,
): SpaceState | undefined {
  const members = parts.flatMap((part) => part.members)
  const invites = parts.flatMap((part) => part.invites)
  if (members.length > limits.membersPerSpaceMax || invites.length > limits.membersPerSpaceMax)
    return undefined
  const state: SpaceState = {
    ...begun,
    epoch,
    stateSeq: seq,
    stateHash: hash,
    members: new Map(members.map(([user, role, joinSeq, history]) => [user, { role, joinSeq, history }])),
    invites: new Map(invites.map(([jti, node, role, history]) => [jti, { node, role, history }])),
    groups: new Map(
      head.groups.map(([group, addSeq, history, anchorSeq]) => [group, { addSeq, history, anchorSeq }]),
    ),
    nodes: new Map(head.nodes),
    settings: new Map(head.settings),
  }
  const isWhole =
    state.members.size === members.length &&
    state.invites.size === invites.length &&
    state.groups.size === head.groups.length &&
    state.nodes.size === head.nodes.length &&
    state.settings.size === head.settings.length
  return isWhole ? state : undefined
}
