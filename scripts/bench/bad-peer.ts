import { once } from 'node:events'
import { createServer, type Server, type ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Station } from './stations.ts'
import { openVoice, type Sharing, type Voice } from './voice.ts'

// A partner that has gone bad: what stands at its address now, under its own key. It was a node like any other until its
// spaces were shared, so its host owes it everything that is written there.

export const ways = [
  'never answers',
  'answers a byte a second',
  'refuses connections',
  'answers 500',
  'submits poisoned events',
] as const
export type Way = (typeof ways)[number]

export type BadPeer = {
  /** From now on. It speaks first, so that the host does not leave it alone for what it was before. */
  behave(way: Way): Promise<void>
  /** How the host answered what it said, by status. */
  readonly heard: Voice['heard']
  stop(): Promise<void>
}

const poisonedPerSecond = 100

/** Ends the node and takes its place. */
export async function replaceByBadPeer(station: Station, sharing: Sharing): Promise<BadPeer> {
  const voice = openVoice(station, sharing)
  await station.stop()
  const port = Number(new URL(station.origin).port)
  let server: Server | undefined
  let flood: AbortController | undefined

  async function pour(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      void voice.poison()
      await sleep(1000 / poisonedPerSecond)
    }
  }

  async function end(): Promise<void> {
    flood?.abort()
    const open = server
    server = undefined
    if (!open) return
    open.closeAllConnections()
    await new Promise((resolve) => open.close(resolve))
  }

  return {
    heard: voice.heard,
    async behave(way) {
      await end()
      if (way !== 'refuses connections') {
        server = createServer((_request, answer) => answerIn(way, answer))
        server.listen(port, '127.0.0.1')
        await once(server, 'listening')
      }
      await voice.ask()
      if (way !== 'submits poisoned events') return
      flood = new AbortController()
      void pour(flood.signal)
    },
    async stop() {
      await end()
      await voice.close()
    },
  }
}

function answerIn(way: Way, answer: ServerResponse): void {
  if (way === 'never answers') return
  if (way === 'answers a byte a second') return drip(answer)
  answer.writeHead(500, { 'content-type': 'text/html' }).end('<h1>Something broke</h1>')
}

function drip(answer: ServerResponse): void {
  answer.writeHead(200, { 'content-type': 'application/json' })
  const timer = setInterval(() => answer.write('{'), 1000)
  answer.on('close', () => clearInterval(timer))
}
