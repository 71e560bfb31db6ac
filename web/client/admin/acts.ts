import type {
  approvePeer,
  blockPeer,
  endPartnership,
  openArchive as openArchiveContract,
  pausePeer,
  Peer,
  previewPeerAct,
  resumePeer,
  unblockPeer,
} from '#schema/api/peers.ts'
import type { NodeId } from '#schema/ids.ts'
import type { PartnerPreview } from '#schema/removal.ts'
import { call } from '../model/api.ts'
import { listed, titleOf } from '../space/words.ts'
import { openDialog } from '../ui/dialog.ts'
import { type Child, h } from '../ui/dom.ts'
import { form } from '../ui/form.ts'
import { loaded } from '../ui/loaded.ts'

// What an administrator can do towards a company, each with what it concerns before it is done.

export type PeerAct = {
  readonly text: string
  readonly title: (node: string) => string
  readonly explain: string
  readonly isDangerous?: boolean
  /** Does it show what is shared with the company first? */
  readonly concerns?: boolean
  readonly run: (node: NodeId) => Promise<unknown>
}

const approve: PeerAct = {
  text: 'Approve',
  title: (node) => `Approve ${node}?`,
  explain:
    'Its people can then be invited, and can invite yours. Compare the fingerprint by telephone first.',
  run: async (node) =>
    await call<typeof approvePeer>({ method: 'POST', url: '/api/peers/:node/approve', params: { node } }),
}

const pause: PeerAct = {
  text: 'Pause',
  title: (node) => `Pause the exchange with ${node}?`,
  explain: 'Nothing is exchanged until you resume it, except removals. Nobody loses anything they have.',
  concerns: true,
  run: async (node) =>
    await call<typeof pausePeer>({ method: 'POST', url: '/api/peers/:node/pause', params: { node } }),
}

const resume: PeerAct = {
  text: 'Resume',
  title: (node) => `Resume the exchange with ${node}?`,
  explain: 'What has waited on both sides is sent.',
  run: async (node) =>
    await call<typeof resumePeer>({ method: 'POST', url: '/api/peers/:node/resume', params: { node } }),
}

const block: PeerAct = {
  text: 'Block',
  title: (node) => `Block ${node}?`,
  explain: 'Every request of it is refused, and its people reach nothing that you host. Nothing is deleted.',
  isDangerous: true,
  concerns: true,
  run: async (node) =>
    await call<typeof blockPeer>({ method: 'POST', url: '/api/peers/:node/block', params: { node } }),
}

const unblock: PeerAct = {
  text: 'Unblock',
  title: (node) => `Unblock ${node}?`,
  explain: 'Its people reach again what they reached before.',
  run: async (node) =>
    await call<typeof unblockPeer>({ method: 'POST', url: '/api/peers/:node/unblock', params: { node } }),
}

const end: PeerAct = {
  text: 'End the partnership',
  title: (node) => `End the partnership with ${node}?`,
  explain:
    'Its people are removed from what you host, and yours from what it hosts. Both companies delete their copies. This cannot be taken back.',
  isDangerous: true,
  concerns: true,
  run: async (node) =>
    await call<typeof endPartnership>({ method: 'POST', url: '/api/peers/:node/end', params: { node } }),
}

const openArchive: PeerAct = {
  text: 'Open the archive',
  title: (node) => `Let your people read what ${node} hosted?`,
  explain:
    'It has closed for good. What it hosted is open to those who were in it, as it was last, and nobody can write there. Without this it opens a month after it was last heard of. Who opened it is recorded.',
  concerns: true,
  run: async (node) =>
    await call<typeof openArchiveContract>({
      method: 'POST',
      url: '/api/peers/:node/open-archive',
      params: { node },
    }),
}

const actsByState: Readonly<Record<Peer['state'], readonly PeerAct[]>> = {
  partner: [pause, block, end],
  waiting: [block],
  asking: [approve, block],
  known: [approve, block],
  paused: [resume, block, end],
  blocked: [unblock, end],
  ended: [approve, block],
  retired: [openArchive],
  'key-conflict': [block, end],
}

export function actsOn({ state, archivedAt }: Peer): readonly PeerAct[] {
  return actsByState[state].filter((act) => act !== openArchive || archivedAt === null)
}

export function askToAct(peer: Peer, act: PeerAct, done: () => Promise<void>): void {
  const { node } = peer
  openDialog(act.title(node), (close) => [
    h('p', {}, act.explain),
    act === approve && h('p', {}, h('code', {}, peer.fingerprint)),
    act.concerns === true && loaded(async () => await readShared(node), sharedWith).element,
    form(
      {},
      async () => {
        await act.run(node)
        close()
        await done()
      },
      h(
        'div',
        { class: 'choices' },
        h('button', { type: 'button', click: close }, 'Cancel'),
        h('button', { class: act.isDangerous ? 'danger' : 'main' }, act.text),
      ),
    ),
  ])
}

async function readShared(node: NodeId): Promise<PartnerPreview> {
  return await call<typeof previewPeerAct>({
    method: 'GET',
    url: '/api/peers/:node/shared',
    params: { node },
  })
}

function sharedWith({
  node,
  hosted,
  followed,
  theirPeople,
  ourPeople,
  invitations,
}: PartnerPreview): Child[] {
  if (hosted.length + followed.length === 0)
    return [h('p', { class: 'hint' }, `Nothing is shared with ${node} now.`)]
  const names = (spaces: PartnerPreview['hosted']): string =>
    listed(spaces.map((space) => `“${titleOf(space)}”`))
  return [
    h(
      'div',
      { class: 'warning' },
      h('p', {}, `It concerns ${theirPeople} of their people and ${ourPeople} of yours.`),
      hosted.length > 0 && h('p', {}, `You host: ${names(hosted)}`),
      followed.length > 0 && h('p', {}, `${node} hosts: ${names(followed)}`),
      invitations.length > 0 && h('p', {}, `Open invitations: ${invitations.length}`),
    ),
  ]
}
