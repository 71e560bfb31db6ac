import { WebSocket } from 'undici'
import type { TestNode } from './node.ts'

/** Opens a stream on a real socket; resolves with the code that it is closed with. */
export async function openSocket(
  node: TestNode,
  token: string,
): Promise<{ readonly closed: Promise<number> }> {
  const origin = node.app.server.listening ? node.app.listeningOrigin : await node.listen()
  const socket = new WebSocket(`${origin.replace('http', 'ws')}/api/stream`, {
    headers: { authorization: `Bearer ${token}` },
  })
  const closed = new Promise<number>((resolve) => {
    socket.addEventListener('close', ({ code }) => resolve(code))
  })
  await new Promise((resolve) => socket.addEventListener('open', resolve))
  return { closed }
}
