import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import ipaddr from 'ipaddr.js'
import t, { type Test } from 'tap'
import { isPublicAddress } from '#federation/transport/address.ts'

// What keeps requests of ours from going where a peer, or the environment, would like them to.

/** The blocks of one of IANA's special-purpose registries: the first column of its file. */
function blocksOf(registry: string): string[] {
  const text = readFileSync(new URL(`../vectors/iana/${registry}`, import.meta.url), 'utf8')
  return [...text.matchAll(/^"?([0-9a-f.:]+\/\d+)(?: \[\d\])?(?:, ([0-9a-f.:]+\/\d+))?/gm)]
    .flatMap(([, first, second]) => [first, second])
    .filter((block) => block !== undefined)
}

/** The first and last address of a block, and some between. */
function addressesIn(block: string): string[] {
  const [address, bits] = ipaddr.parseCIDR(block)
  const first = address.toByteArray()
  return [0x00, 0x01, 0x5a, 0xff].map((fill) => {
    const bytes = first.map((byte, i) => {
      const free = Math.min(8, Math.max(0, (i + 1) * 8 - bits))
      const mask = (1 << free) - 1
      return (byte & ~mask & 0xff) | (fill & mask)
    })
    return ipaddr.fromByteArray(bytes).toString()
  })
}

t.test('SSR-02: no address of any block in the registries of IANA is public', async (t) => {
  for (const [registry, count] of [
    ['iana-ipv4-special-registry-1.csv', 25],
    ['iana-ipv6-special-registry-1.csv', 25],
  ] as const) {
    const blocks = blocksOf(registry)
    t.equal(blocks.length, count, registry)
    for (const block of blocks) {
      // IPv4 in IPv6 counts as what it is, and what it is may be public.
      if (block === '::ffff:0:0/96') continue
      for (const address of addressesIn(block))
        t.equal(isPublicAddress(address), false, `${block}: ${address}`)
    }
  }
})

async function counting(t: Test): Promise<{ readonly port: number; readonly asked: string[] }> {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`)
    response.end('yes')
  })
  server.on('connect', (request, socket) => {
    asked.push(`CONNECT ${request.url}`)
    socket.destroy()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close().closeAllConnections())
  return { port: (server.address() as AddressInfo).port, asked }
}

t.test('SSR-07: a proxy that the environment names is not used, and changes no check', async (t) => {
  const proxy = await counting(t)
  const peer = await counting(t)
  const url = `http://127.0.0.1:${proxy.port}`
  const names = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'http_proxy', 'https_proxy', 'all_proxy']
  const program = `
    const { openHttp } = await import('${new URL('../../federation/transport/undici.ts', import.meta.url).href}')
    const http = openHttp({
      developmentPeers: new Map([['globex.test', new URL('http://127.0.0.1:${peer.port}')]]),
      lookup: async () => ['127.0.0.1'],
    })
    const get = { method: 'GET', target: '/x', headers: {}, answerBytesMax: 1000 }
    const never = new AbortController().signal
    for (const host of ['globex.test', 'initech.test', '127.0.0.1']) {
      const sent = await http.send({ ...get, origin: 'https://' + host }, never)
      console.log(sent.ok ? 'answered' : sent.fault.reason)
    }
    await http.close()
  `
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    env: { ...Object.fromEntries(names.map((name) => [name, url])), NODE_USE_ENV_PROXY: '1' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  await new Promise((resolve) => child.once('close', resolve))
  t.strictSame(output.trim().split('\n'), ['answered', 'address-not-public', 'address-not-public'])
  t.strictSame(peer.asked, ['GET /x'])
  t.strictSame(proxy.asked, [])
})
