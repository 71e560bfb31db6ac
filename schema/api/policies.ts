import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import { NodeId, SpaceId } from '../ids.ts'
import { limits } from '../limits.ts'
import { Person } from '../person.ts'
import { PartnerPolicy, SpacePolicy, WorkspacePolicy } from '../policy.ts'

const ofNode = z.strictObject({ node: NodeId })

export const getPolicies = endpoint({
  method: 'GET',
  url: '/api/policies',
  summary: 'What this workspace allows between itself and other companies.',
  policy: 'admin',
  reply: { status: 200, schema: WorkspacePolicy },
})

export const putPolicies = endpoint({
  method: 'PUT',
  url: '/api/policies',
  summary: 'Changes what this workspace allows.',
  policy: 'admin',
  body: WorkspacePolicy,
  reply: { status: 200, schema: WorkspacePolicy },
})

/** What differs for one partner, and what follows for it from both. */
const Towards = z.strictObject({ differs: PartnerPolicy, holds: WorkspacePolicy })

export const getPeerPolicy = endpoint({
  method: 'GET',
  url: '/api/peers/:node/policy',
  summary: 'What is different for one company, and what holds towards it.',
  policy: 'admin',
  params: ofNode,
  reply: { status: 200, schema: Towards },
})

export const putPeerPolicy = endpoint({
  method: 'PUT',
  url: '/api/peers/:node/policy',
  summary: 'Changes what is different for one company; what is left out is as for all.',
  policy: 'admin',
  params: ofNode,
  body: PartnerPolicy,
  reply: { status: 200, schema: Towards },
})

const ofSpace = z.strictObject({ spaceId: SpaceId })

export const getSpacePolicy = endpoint({
  method: 'GET',
  url: '/api/spaces/:spaceId/policy',
  summary: 'Who may bring people of other companies into a space that this workspace hosts.',
  policy: 'member',
  params: ofSpace,
  reply: { status: 200, schema: SpacePolicy },
})

export const putSpacePolicy = endpoint({
  method: 'PUT',
  url: '/api/spaces/:spaceId/policy',
  summary: 'Changes it: by an admin of the space. It only ever adds to what the workspace says.',
  policy: 'member',
  params: ofSpace,
  body: SpacePolicy,
  reply: { status: 200, schema: SpacePolicy },
})

export const Verdict = z.enum(['allowed', 'approval', 'refused'])

/** Something that was decided by a policy. Never what anybody wrote. */
export const Decision = z.strictObject({
  id: z.string(),
  /** Milliseconds. */
  at: z.int(),
  /** What was asked: an invitation, a letter that came, a company that arrives, … */
  kind: z.string(),
  verdict: Verdict,
  /** Which rule decided: `inviteExternals=admins`. */
  rule: z.string(),
  actor: Person.nullable(),
  peer: NodeId.nullable(),
  spaceId: SpaceId.nullable(),
  /** What it was decided from. */
  facts: z.record(z.string(), z.json()),
})
export type Decision = z.output<typeof Decision>

export const listDecisions = endpoint({
  method: 'GET',
  url: '/api/decisions',
  summary: 'What was decided by the policies, newest first.',
  policy: 'admin',
  querystring: z.strictObject({
    peer: NodeId.optional(),
    kind: z.string().max(40).optional(),
    verdict: Verdict.optional(),
    spaceId: SpaceId.optional(),
    /** Milliseconds. */
    since: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).optional(),
    /** `next` of the page before. */
    before: z.string().max(100).optional(),
    limit: z.coerce.number().int().min(1).max(limits.pageLengthMax).default(limits.pageLengthDefault),
  }),
  reply: {
    status: 200,
    schema: z.strictObject({ decisions: z.array(Decision), next: z.string().nullable() }),
  },
})

/** A whole policy of the workspace, or what would differ for one partner. */
export const PolicyDraft = z.union([
  z.strictObject({ workspace: WorkspacePolicy }),
  z.strictObject({ node: NodeId, partner: PartnerPolicy }),
])
export type PolicyDraft = z.output<typeof PolicyDraft>

export const DryRun = z.strictObject({
  /** How many decisions were tried again. */
  tried: z.int(),
  /** Whether there are more in that time than are tried at once. */
  isPartial: z.boolean(),
  /** Those that would come out otherwise, newest first. */
  changed: z.array(z.strictObject({ decision: Decision, verdict: Verdict, rule: z.string() })),
})
export type DryRun = z.output<typeof DryRun>

export const dryRunPolicy = endpoint({
  method: 'POST',
  url: '/api/policies/dry-run',
  summary: 'What a draft of a policy would have decided otherwise in the last days. Changes nothing.',
  policy: 'admin',
  body: z.strictObject({
    draft: PolicyDraft,
    days: z.int().min(1).max(limits.dryRunDaysMax).default(30),
  }),
  reply: {
    status: 200,
    schema: DryRun,
  },
})
