import websocket from '@fastify/websocket'
import Fastify, { type FastifyInstance } from 'fastify'
import { z } from 'zod'
import { openAppender } from './floor/append.ts'
import { openDelivery } from './floor/deliver.ts'
import { watch } from './floor/fan-out.ts'
import { openReceiver } from './floor/receive.ts'
import { openSigner, readSettings } from './floor/settings.ts'
import { openSpaces } from './floor/spaces.ts'
import { openStore } from './floor/store.ts'

// The floor: the least that the path under study can cost with the parts we use. HTTP POST, group commit, answer,
// WebSocket; between nodes one signed batch in flight per peer and a cursor. It has no accounts, rights, search,
// federation log or recovery, and must never get them: what the product costs is read against this.
// A process of its own, which `stations.ts` starts; its API is the part of the product's that the load uses.

const Message = z.strictObject({ text: z.string().min(1).max(16_000) })
const NewSpace = z.strictObject({ id: z.string().max(64) })
const Following = z.strictObject({ host: z.string() })
const Subscription = z.strictObject({
  type: z.literal('subscribe'),
  space: z.string(),
  after: z.number().int(),
})

const settings = readSettings()
const signer = openSigner(settings)
const store = await openStore(settings.databaseUrl)
const spaces = openSpaces(store)
const delivery = openDelivery({ store, signer, peers: settings.peers })
const appender = openAppender({ node: settings.node, store, delivered: delivery.offer })
const receiver = openReceiver(store, spaces)

const app = Fastify({ bodyLimit: 16 << 20, keepAliveTimeout: 120_000 })
app.addContentTypeParser('application/octet-stream', { parseAs: 'buffer' }, (_request, body, done) =>
  done(null, body),
)
await app.register(websocket)
clientRoutes(app)
federationRoutes(app)
process.on('SIGTERM', () => process.exit(0))
await app.listen({ host: '127.0.0.1', port: settings.port, backlog: 4096 })
console.log('ready')

function clientRoutes(app: FastifyInstance): void {
  app.get('/readyz', () => ({ status: 'ready' }))

  app.post('/api/spaces', async (request, reply) => {
    const { id } = NewSpace.parse(request.body)
    await spaces.open(id, settings.node)
    return await reply.status(201).send({ id })
  })

  app.post('/api/spaces/:space/messages', async (request, reply) => {
    const { text } = Message.parse(request.body)
    const { space } = request.params as { space: string }
    const id = String(request.headers['idempotency-key'])
    const sender = String(request.headers.authorization)
    const { seq } = await appender.append(spaces.get(space), { id, sender, text })
    return await reply.status(201).send({ state: 'accepted', id, seq })
  })

  app.post('/api/spaces/:space/follow', async (request) => {
    const { host } = Following.parse(request.body)
    const { space } = request.params as { space: string }
    await spaces.open(space, host)
    await delivery.send(host, `/federation/${space}/follow`, Buffer.from('{}'))
    return {}
  })

  app.get('/api/stream', { websocket: true }, (socket, request) => {
    socket.on('error', () => {})
    socket.on('message', (data: Buffer) => {
      const { space } = Subscription.parse(JSON.parse(data.toString()))
      watch(spaces.get(space), request.raw.socket)
      socket.send(JSON.stringify({ type: 'subscribed', space, after: 0 }))
    })
  })
}

function federationRoutes(app: FastifyInstance): void {
  app.post('/federation/entries', async (request) => {
    signer.check(request.headers, request.body as Buffer)
    await receiver.receive(request.body as Buffer)
    return {}
  })

  app.post('/federation/:space/follow', (request) => {
    const peer = signer.check(request.headers, request.body as Buffer)
    const { space } = request.params as { space: string }
    spaces.get(space).followers.add(peer)
    return {}
  })
}
