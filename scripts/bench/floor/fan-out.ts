import type { Socket } from 'node:net'
import type { Entry, Space } from './space.ts'

export function watch(space: Space, socket: Socket): void {
  space.watchers.add(socket)
  socket.once('close', () => space.watchers.delete(socket))
}

const before = Buffer.from('{"type":"entry","entry":')
const after = Buffer.from('}')

/** One frame per entry, built once, and one write per socket and batch. */
export function fanOut(entries: readonly Entry[]): void {
  const frames = new Map<Space, Buffer[]>()
  for (const { space, raw } of entries) {
    if (space.watchers.size === 0) continue
    const ofSpace = frames.get(space) ?? []
    frames.set(space, ofSpace)
    ofSpace.push(headOf(before.length + raw.length + after.length), before, raw, after)
  }
  for (const [space, parts] of frames) {
    const bytes = Buffer.concat(parts)
    for (const socket of space.watchers) socket.write(bytes)
  }
}

/** The head of an unmasked text frame (RFC 6455, 5.2) of less than 64 KiB. */
function headOf(length: number): Buffer {
  return length < 126
    ? Buffer.from([0x81, length])
    : Buffer.from([0x81, 126, Math.floor(length / 256), length % 256])
}
