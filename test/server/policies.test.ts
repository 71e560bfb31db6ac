import t, { type Test } from 'tap'
import { defaultPolicy, type WorkspacePolicy } from '#schema/policy.ts'
import { decide, type InviteFacts, type LetterFacts } from '#server/policy/decide.ts'
import { codeOf, testNode, type TestNode, type TestPerson } from '../helpers/node.ts'

// What a workspace allows, what was decided by it, and what a draft would have decided.

type World = { node: TestNode; alice: TestPerson; anna: TestPerson }

async function workspace(t: Test): Promise<World> {
  const node = await testNode()
  t.teardown(async () => await node[Symbol.asyncDispose]())
  return { node, alice: await node.signUp('alice'), anna: await node.signUp('anna') }
}

/** Starts a thread and invites somebody into it. */
async function share(person: TestPerson, address: string): Promise<string | undefined> {
  const begun = await person.post('/api/spaces', { kind: 'thread', title: 'Launch' })
  const { id } = begun.json<{ id: string }>()
  const companies = [address.slice(address.indexOf(':') + 1)]
  return codeOf(await person.post(`/api/spaces/${id}/invitations`, { to: { address }, companies }))
}

type DryRun = {
  tried: number
  isPartial: boolean
  changed: {
    verdict: string
    rule: string
    decision: { actor: { id: string }; verdict: string; peer: string }
  }[]
}

async function dryRun(owner: TestPerson, draft: object): Promise<DryRun> {
  return (await owner.post('/api/policies/dry-run', { draft })).json<DryRun>()
}

t.test('a policy is changed by administrators, as a whole, and every change is on record', async (t) => {
  const { node, alice, anna } = await workspace(t)
  t.strictSame((await alice.get('/api/policies')).json(), defaultPolicy)
  const changed = { ...defaultPolicy, inviteExternals: 'nobody' }
  t.equal(codeOf(await anna.put('/api/policies', changed)), 'admin-required')
  t.equal(codeOf(await alice.put('/api/policies', { inviteExternals: 'nobody' })), 'invalid-request')
  t.strictSame((await alice.put('/api/policies', changed)).json(), changed)
  t.strictSame((await alice.get('/api/policies')).json(), changed)
  t.equal(await share(alice, '@bob:globex.example'), 'policy-forbids')
  t.equal(codeOf(await alice.get('/api/peers/globex.example/policy')), 'not-found')
  const { db } = node.context
  const audit = await db
    .selectFrom('audit')
    .select(['actor', 'subject'])
    .where('act', '=', 'policy.change')
    .execute()
  t.strictSame(audit, [{ actor: alice.userId, subject: 'workspace' }])
})

t.test('a draft is tried on what was decided, and changes nothing', async (t) => {
  const { node, alice, anna } = await workspace(t)
  t.equal(await share(anna, '@bob:globex.example'), undefined)
  t.equal(await share(alice, '@carol:initech.example'), undefined)
  const before = await node.context.db.selectFrom('decision').selectAll().orderBy('id').execute()
  t.match(await dryRun(alice, { workspace: defaultPolicy }), { tried: 2, isPartial: false, changed: [] })
  const strict = await dryRun(alice, { workspace: { ...defaultPolicy, inviteExternals: 'admins' } })
  t.match(strict.changed, [
    {
      verdict: 'refused',
      rule: 'inviteExternals=admins',
      decision: { actor: { id: anna.userId }, verdict: 'approval', peer: 'globex.example' },
    },
  ])
  const open = await dryRun(alice, { workspace: { ...defaultPolicy, inbound: 'open' } })
  t.strictSame(
    open.changed.map(({ verdict }) => verdict),
    ['allowed', 'allowed'],
  )
  const partner = { node: 'globex.example', partner: { inviteExternals: 'nobody' } }
  const one = await dryRun(alice, partner)
  t.equal(one.tried, 1, 'a draft for one partner is tried on what concerns it')
  t.match(one.changed, [{ verdict: 'refused', decision: { peer: 'globex.example' } }])
  const after = await node.context.db.selectFrom('decision').selectAll().orderBy('id').execute()
  t.strictSame(after, before)
  t.strictSame((await alice.get('/api/policies')).json(), defaultPolicy)
})

t.test('a space can be stricter than the workspace, and says so in the decision', async (t) => {
  const { alice, anna } = await workspace(t)
  const begun = await alice.post('/api/spaces', { kind: 'group', title: 'Budget', people: ['anna'] })
  const url = `/api/spaces/${begun.json<{ id: string }>().id}`
  t.strictSame((await anna.get(`${url}/policy`)).json(), { inviteExternals: null })
  t.equal(codeOf(await anna.put(`${url}/policy`, { inviteExternals: null })), 'no-right')
  await alice.put(`${url}/policy`, { inviteExternals: 'nobody' })
  const wish = { to: { address: '@bob:globex.example' }, companies: ['globex.example'] }
  t.equal(codeOf(await alice.post(`${url}/invitations`, wish)), 'policy-forbids')
  const { decisions } = (await alice.get('/api/decisions')).json<{ decisions: { rule: string }[] }>()
  t.match(decisions, [{ rule: 'space.inviteExternals=nobody' }])
  t.equal(await share(alice, '@bob:globex.example'), undefined, 'elsewhere nothing is different')
})

t.test('decisions are paged and filtered, and hold no content', async (t) => {
  const { alice, anna } = await workspace(t)
  for (const name of ['bob', 'bea', 'carol']) await share(anna, `@${name}:globex.example`)
  type Page = { decisions: { kind: string; facts: object }[]; next: string | null }
  const first = (await alice.get('/api/decisions?limit=2')).json<Page>()
  t.equal(first.decisions.length, 2)
  const second = (await alice.get(`/api/decisions?limit=2&before=${first.next}`)).json<Page>()
  t.equal(second.decisions.length, 1)
  t.equal(second.next, null)
  t.equal((await alice.get('/api/decisions?verdict=refused')).json<Page>().decisions.length, 0)
  t.equal(codeOf(await alice.get('/api/decisions?before=yesterday')), 'bad-cursor')
  t.notMatch(JSON.stringify([first, second]), /Launch|bob|bea|carol/)
})

const invited: InviteFacts = {
  isPartner: true,
  isEnded: false,
  listed: null,
  isAdmin: false,
  inSpace: null,
  node: 'globex.example' as never,
  isNew: true,
  others: [],
  kind: 'thread',
  role: 'poster',
  history: 'all',
  isFirst: true,
}
const letter: LetterFacts = {
  isPartner: true,
  isEnded: false,
  listed: null,
  kind: 'thread',
  role: 'poster',
  history: 'all',
  isKnown: true,
  isContact: false,
  from: 'everybody',
  others: [],
}
const initech = 'initech.example' as never

t.test('each setting decides what it says, and the most severe rule wins', async (t) => {
  const policy = (changes: Partial<WorkspacePolicy>): WorkspacePolicy => ({ ...defaultPolicy, ...changes })
  const invite = (changes: Partial<WorkspacePolicy>, facts: Partial<InviteFacts> = {}): string => {
    const { verdict, rule } = decide('invite', policy(changes), { ...invited, ...facts })
    return `${verdict} ${rule}`
  }
  t.equal(invite({}), 'allowed inviteExternals=members')
  t.equal(invite({ inviteExternals: 'admins' }), 'refused inviteExternals=admins')
  t.equal(invite({ inviteExternals: 'admins' }, { isAdmin: true }), 'allowed inviteExternals=admins')
  t.equal(invite({ inviteExternals: 'nobody' }, { isAdmin: true }), 'refused inviteExternals=nobody')
  t.equal(invite({ approveOutgoing: true }), 'approval approveOutgoing=yes')
  t.equal(invite({ approveOutgoing: true }, { isAdmin: true }), 'allowed inviteExternals=members')
  t.equal(invite({ thirdCompanies: 'deny' }, { others: [initech] }), 'refused thirdCompanies=deny')
  t.equal(
    invite({ thirdCompanies: 'deny' }, { others: [initech], isNew: false }),
    'allowed inviteExternals=members',
  )
  t.equal(invite({}, { inSpace: 'admins' }), 'refused space.inviteExternals=admins')
  t.equal(invite({ inviteExternals: 'nobody' }, { inSpace: 'members' }), 'refused inviteExternals=nobody')
  t.equal(invite({}, { listed: 'block' }), 'refused list=block')
  t.equal(invite({}, { isPartner: false }), 'approval inbound=approval')
  t.equal(invite({}, { isPartner: false, listed: 'allow' }), 'allowed inviteExternals=members')
  t.equal(invite({ inbound: 'open' }, { isPartner: false }), 'allowed inviteExternals=members')
  t.equal(invite({ inbound: 'open' }, { isPartner: false, isEnded: true }), 'approval partnership-ended')
  t.equal(invite({ guests: false }, { node: null }), 'refused guests=no')

  const receive = (changes: Partial<WorkspacePolicy>, facts: Partial<LetterFacts> = {}): string => {
    const { verdict, rule } = decide('letter', policy(changes), { ...letter, ...facts })
    return `${verdict} ${rule}`
  }
  t.equal(receive({}), 'allowed approveIncoming=no')
  t.equal(receive({}, { isKnown: false }), 'refused invitee=nobody')
  t.equal(receive({}, { from: 'contacts' }), 'refused invitee=contacts')
  t.equal(receive({}, { from: 'contacts', isContact: true }), 'allowed approveIncoming=no')
  t.equal(receive({ directMessages: 'contacts' }), 'allowed approveIncoming=no', 'a thread is no dm')
  t.equal(receive({ directMessages: 'contacts' }, { kind: 'dm' }), 'refused directMessages=contacts')
  t.equal(
    receive({ directMessages: 'nobody' }, { kind: 'dm', isContact: true }),
    'refused directMessages=nobody',
  )
  t.equal(receive({ approveIncoming: true }), 'approval approveIncoming=yes')
  t.equal(receive({ transitive: 'ask' }, { others: [initech] }), 'approval transitive=ask')
  t.equal(receive({ transitive: 'deny' }, { others: [initech] }), 'refused transitive=deny')
  t.equal(receive({ inbound: 'allow-list' }, { isPartner: false }), 'approval inbound=allow-list')
})
