import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { ConfigError, readConfig } from '#server/config.ts'

const good = { PARLEY_NODE_ID: 'acme.example' }

function faultsOf(environment: NodeJS.ProcessEnv): readonly string[] {
  try {
    readConfig(environment)
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.faults
    throw error
  }
}

t.test('a node id is enough, and the rest follows from it', async (t) => {
  t.match(readConfig(good), {
    node: 'acme.example',
    baseUrl: 'https://acme.example/federation',
    listen: { host: '127.0.0.1', port: 4000 },
    trustedProxies: ['loopback'],
    databaseUrl: undefined,
    drainMs: 5_000,
    passwordCost: { memory: 19_456, passes: 2, parallelism: 1 },
  })
  t.equal(readConfig(good).publicUrl.href, 'https://acme.example/')
  t.match(readConfig(good).version, /^\d+\.\d+\.\d+/)
})

t.test('[K1] all faults are told at once, each with what was found and what is meant', async (t) => {
  const faults = faultsOf({
    PARLEY_PORT: '99999',
    PARLEY_PORTT: '4000',
    PARLEY_LOG_LEVEL: 'loud',
    PARLEY_NONSENSE_ALTOGETHER: '1',
    HOME: '/root',
  })
  t.equal(faults.length, 5)
  t.match(faults.join('\n'), /PARLEY_NODE_ID is missing \(domain of this workspace/)
  t.match(faults.join('\n'), /PARLEY_PORT: .*found "99999" \(port to listen on\)/)
  t.match(faults.join('\n'), /PARLEY_LOG_LEVEL: .*found "loud"/)
  t.match(faults.join('\n'), /PARLEY_PORTT is not a setting\. Did you mean PARLEY_PORT\?/)
  t.match(faults.join('\n'), /PARLEY_NONSENSE_ALTOGETHER is not a setting\.$/m, 'nothing is near enough')
})

t.test('[K1] trusted proxies are addresses or ranges', async (t) => {
  const read = readConfig({ ...good, PARLEY_TRUSTED_PROXIES: 'loopback, 10.0.0.0/8,fd00::1' })
  t.strictSame(read.trustedProxies, ['loopback', '10.0.0.0/8', 'fd00::1'])
  for (const wrong of ['everybody', '10.0.0.0/33', '10.0.0', '::1/x', '']) {
    const faults = faultsOf({ ...good, PARLEY_TRUSTED_PROXIES: `127.0.0.1,${wrong}` })
    t.match(faults, [/PARLEY_TRUSTED_PROXIES: expected addresses or ranges/])
  }
})

t.test('[K7] a secret may stand in a file, in one place only, and is never repeated', async (t) => {
  const directory = t.testdir({ url: 'postgresql://parley:s3cret@db/parley\n' })
  const file = join(directory, 'url')
  const config = readConfig({ ...good, DATABASE_URL_FILE: file })
  t.equal(config.databaseUrl, 'postgresql://parley:s3cret@db/parley')
  t.match(faultsOf({ ...good, DATABASE_URL_FILE: join(directory, 'gone') }), [
    /names a file that cannot be read/,
  ])
  writeFileSync(file, 'postgresql://parley:s3cret@db/parley')
  const twice = faultsOf({ ...good, DATABASE_URL: 'postgresql://x:s3cret@y/z', DATABASE_URL_FILE: file })
  t.match(twice, [/both set/])
  t.notMatch(twice.join(), 's3cret')
  t.match(faultsOf({ ...good, PARLEY_PORT_FILE: file }), [/PARLEY_PORT_FILE is not a setting/])
})

t.test('SSR-06 [K2]: plain HTTP and the development map are for .localhost and .test only', async (t) => {
  const peers = 'globex.localhost=http://127.0.0.1:4001'
  const local = { PARLEY_NODE_ID: 'acme.localhost', PARLEY_PUBLIC_URL: 'http://acme.localhost:4000' }
  t.match(faultsOf(local), [/PARLEY_PUBLIC_URL: has to be https unless PARLEY_DEVELOPMENT_PEERS is set/])
  t.same(faultsOf({ ...local, PARLEY_DEVELOPMENT_PEERS: peers }), [])
  t.match(faultsOf({ ...good, PARLEY_DEVELOPMENT_PEERS: peers }), [/is only for node ids that end in/])
  for (const map of ['globex.localhost', 'globex.localhost=http://10.0.0.1:4001', 'x=http://127.0.0.1:1']) {
    t.match(faultsOf({ ...local, PARLEY_DEVELOPMENT_PEERS: map }), [/expected node=http/], map)
  }
})

t.test('mails need a mail server and an address that they come from, or neither', async (t) => {
  const url = 'smtps://parley:secret@mail.acme.example'
  const from = 'parley@acme.example'
  const domains = 'acme.example,acme.com'
  const given = readConfig({
    ...good,
    PARLEY_SMTP_URL: url,
    PARLEY_MAIL_FROM: from,
    PARLEY_EMAIL_DOMAINS: domains,
  })
  t.match(given, { mail: { url, from }, emailDomains: ['acme.example', 'acme.com'] })
  t.match(faultsOf({ ...good, PARLEY_SMTP_URL: url })[0], /^PARLEY_MAIL_FROM is missing/)
  t.match(faultsOf({ ...good, PARLEY_MAIL_FROM: from })[0], /^PARLEY_SMTP_URL is missing/)
  const wrong = faultsOf({
    ...good,
    PARLEY_SMTP_URL: 'https://parley:secret@mail',
    PARLEY_MAIL_FROM: 'A <a@b.c>',
  })
  t.equal(wrong.length, 2)
  t.notMatch(wrong.join(), 'secret')
})
