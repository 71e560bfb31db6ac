import { buildEvent } from '#federation/event.ts'
import { signProof } from '#federation/log-documents.ts'
import type { Signer } from '#federation/keys.ts'
import { signRequest } from '#federation/request-signature.ts'
import { formatTarget, readTarget } from '#federation/target.ts'
import { openHttp } from '#federation/transport/undici.ts'
import type { NodeId, SpaceId, UserId } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import { systemClock } from '#server/ports/clock.ts'
import { openKeyFile } from '#server/ports/node-keys.ts'
import { newEventId, systemRandom, token } from '#server/ports/random.ts'
import type { Station } from './stations.ts'

/** A node that has gone, and what it shared with whom. */
export type Sharing = {
  readonly node: NodeId
  readonly host: Station
  readonly space: SpaceId
  readonly user: UserId
}

/** What can be said to a host under the key of a node that has gone. */
export type Voice = {
  /** Any question, so that the host knows that somebody is there. */
  ask(): Promise<void>
  /** An event whose content is not what its header says, under a proof that covers it. */
  poison(): Promise<void>
  /** How the host answered, by status. */
  readonly heard: ReadonlyMap<number | string, number>
  close(): Promise<void>
}

/** Reads the key, so it is opened before the node and its directory go. */
export function openVoice(station: Station, sharing: Sharing): Voice {
  const { node, space } = sharing
  const { origin } = sharing.host
  const { signer } = openKeyFile({
    dataDirectory: station.directory,
    node,
    random: systemRandom,
    isNew: false,
  })
  const host = sharing.host.node as NodeId
  const http = openHttp({ developmentPeers: new Map([[host, new URL(origin)]]) })
  const heard = new Map<number | string, number>()
  const closing = new AbortController()

  async function say(method: 'GET' | 'POST', path: string, body?: Uint8Array): Promise<void> {
    const target = readTarget(`/federation${path}`)
    if (!target.ok) throw new Error(target.code)
    const headers = signRequest(
      {
        ...target.value,
        method,
        authority: host,
        origin: node,
        destination: host,
        ...(body ? { body } : {}),
        nonce: token(systemRandom, 16),
        nowSeconds: Math.floor(systemClock.now() / 1000),
      },
      signer,
    )
    const answer = await http.send(
      {
        origin: `https://${host}`,
        method,
        target: formatTarget(target.value),
        headers: { ...headers, 'parley-version': '1.0' },
        ...(body ? { body } : {}),
        answerBytesMax: limits.answerBytesMax,
      },
      closing.signal,
    )
    const what = answer.ok ? answer.answer.status : answer.fault.reason
    heard.set(what, (heard.get(what) ?? 0) + 1)
  }

  return {
    heard,
    ask: async () => await say('GET', `/v1/spaces/${space}/head`),
    poison: async () => await say('POST', `/v1/spaces/${space}/submit`, poisoned(sharing, signer)),
    async close() {
      closing.abort()
      await http.close()
    },
  }
}

function poisoned({ node, host: { node: name }, space, user }: Sharing, signer: Signer): Uint8Array {
  const host = name as NodeId
  const event = buildEvent({
    id: newEventId(systemClock, systemRandom),
    host,
    origin: node,
    space,
    sender: user,
    type: 'msg.post',
    content: { text: 'Poison.', fmt: 'md1', mentions: [] },
    salt: systemRandom.bytes(16),
    ts: systemClock.now(),
    idv: 1,
  })
  const proof = signProof({ v: 1, iss: node, space, host, events: [event.hash] }, signer)
  const wire = { ...event.wire, content: event.wire.content!.replace('Poison.', 'Change.') }
  return Buffer.from(JSON.stringify({ events: [wire], proof }))
}
