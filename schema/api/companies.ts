import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import { NodeId, SpaceId } from '../ids.ts'
import { Invitee } from '../invitation.ts'
import { limits } from '../limits.ts'

export const CompaniesPreview = z.strictObject({
  now: z.array(NodeId),
  /** To be sent as `companies` by whoever agrees. */
  coming: z.array(NodeId),
  /** What this workspace's policy makes of it: `approval` when an administrator has to agree first. */
  verdict: z.enum(['allowed', 'approval', 'refused']),
  rule: z.string(),
  warnings: z.array(
    z.strictObject({
      /** A company that takes part and has declared what it does when others arrive. */
      node: NodeId,
      declares: z.enum(['ask', 'deny']),
    }),
  ),
})
export type CompaniesPreview = z.output<typeof CompaniesPreview>

export const previewCompanies = endpoint({
  method: 'POST',
  url: '/api/companies/preview',
  summary: 'Which companies read a space now, and which would come with these groups and people.',
  policy: 'user',
  body: z.strictObject({
    /** Absent for something that is only being drafted. */
    space: SpaceId.optional(),
    groups: z.array(SpaceId).max(limits.groupsPerThreadMax).default([]),
    people: z.array(Invitee).max(limits.usersPerGenesisMax).default([]),
  }),
  reply: {
    status: 200,
    schema: CompaniesPreview,
  },
})
