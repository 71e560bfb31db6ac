import t from 'tap'
import { codeOf, testNode } from '../helpers/node.ts'

const roles = ['public', 'user', 'member', 'admin']

t.test('who may do what: every endpoint refuses whom its contract does not name', async (t) => {
  await using node = await testNode()
  await node.signUp('alice')
  const bob = await node.signUp('bob')
  t.ok(node.app.contracts.length > 10)
  for (const { method, url, policy } of node.app.contracts) {
    const target = url.replaceAll(/:\w+/g, 'x')
    const stranger = await node.app.inject({ method, url: target })
    t.ok(roles.includes(policy), `${method} ${url} is ${policy}`)
    if (policy === 'public') t.not(stranger.statusCode, 401, `${method} ${url} is open`)
    else t.equal(codeOf(stranger), 'auth-required', `${method} ${url} is closed to strangers`)
    if (policy === 'admin') {
      const member = await bob.request(method, target)
      t.equal(codeOf(member), 'admin-required', `${method} ${url} is closed to members`)
    }
  }
})

t.test('the reference describes every endpoint, and nothing else', async (t) => {
  await using node = await testNode()
  const answer = await node.app.inject('/api/openapi.json')
  const document = answer.json() as {
    openapi: string
    paths: Record<string, Record<string, { responses: object; parameters?: { name: string }[] }>>
  }
  t.equal(document.openapi, '3.1.0')
  const described = Object.entries(document.paths).flatMap(([url, path]) =>
    Object.keys(path).map((method) => `${method.toUpperCase()} ${url}`),
  )
  const served = node.app.contracts.map(({ method, url }) => `${method} ${url.replaceAll(/:(\w+)/g, '{$1}')}`)
  t.same(described.toSorted(), served.toSorted())
  const posting = document.paths['/api/spaces/{spaceId}/messages']!['post']!
  t.match(posting.responses, { 201: {}, default: { $ref: '#/components/responses/Problem' } })
  t.match(
    posting.parameters?.map(({ name }) => name),
    ['spaceId', 'Idempotency-Key'],
  )
})

t.test('the reference page loads from its own node only', async (t) => {
  await using node = await testNode()
  const page = await node.app.inject('/api/reference/')
  t.equal(page.statusCode, 200)
  const policy = String(page.headers['content-security-policy'])
  t.match(policy, "default-src 'self'")
  t.notMatch(policy, 'upgrade-insecure-requests', 'the node is reached over plain HTTP')
  const script = await node.app.inject('/api/reference/static/swagger-initializer.js')
  t.equal(script.statusCode, 200)
})
