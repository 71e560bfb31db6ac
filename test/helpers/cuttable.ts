import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/** A way to a database that a test can cut and mend. */
export type CuttableDatabase = AsyncDisposable & {
  readonly url: string
  cut(): Promise<void>
  mend(): Promise<void>
}

export async function cuttable(url: string): Promise<CuttableDatabase> {
  const target = new URL(url)
  const directory = target.searchParams.get('host')
  const port = Number(target.port || 5432)
  const sockets = new Set<Socket>()

  const server = createServer((near) => {
    const far = directory ? connect(`${directory}/.s.PGSQL.${port}`) : connect(port, target.hostname)
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from)
      from.on('error', () => to.destroy())
      from.on('close', () => {
        sockets.delete(from)
        to.destroy()
      })
      from.pipe(to)
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port: ownPort } = server.address() as AddressInfo

  async function cut(): Promise<void> {
    if (!server.listening) return
    server.close()
    for (const socket of sockets) socket.destroy()
    await once(server, 'close')
  }

  const near = new URL(url)
  near.searchParams.delete('host')
  near.hostname = '127.0.0.1'
  near.port = String(ownPort)
  return {
    url: near.href,
    cut,
    async mend() {
      server.listen(ownPort, '127.0.0.1')
      await once(server, 'listening')
    },
    [Symbol.asyncDispose]: cut,
  }
}
