import type { BatchAnswer } from '#schema/wire/log.ts'
import type { SubmitAnswer } from '#schema/wire/submit.ts'

// An answer of 200 may say no to single events. The federation log says so too, on whichever side it is written: what
// somebody sends who does not mean well would otherwise stand there as accepted.

export type Rejected = { readonly code: string; readonly detail: string }

/** Why the first event was not taken, and how many were not; undefined when all were, or none is spoken of. */
export function rejectedIn(answer: unknown): Rejected | undefined {
  const { results, rejected } = (answer ?? {}) as Partial<SubmitAnswer & BatchAnswer>
  const codes = results?.flatMap(codeOf) ?? rejected?.map(({ slug }) => slug) ?? []
  const [code] = codes
  return code === undefined ? undefined : { code, detail: `rejected ${codes.length}` }
}

function codeOf(result: SubmitAnswer['results'][number]): string[] {
  return result.status === 'rejected' ? [result.problem.type.slice('urn:parley:problem:'.length)] : []
}
