/** How a run of the tests ended. `failed` counts assertions, and one for each file that went missing. */
export type Tally = {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
  readonly todo: number
  readonly remarks: readonly string[]
  /** The exit status of tap. */
  readonly status: number
}

export function nothingRan(remark: string): Tally {
  return { passed: 0, failed: 1, skipped: 0, todo: 0, remarks: [remark], status: 1 }
}

/**
 * Counts from tap's own last line. A file that times out uses up a place in
 * tap's plan, and the result of another one is then lost without a word, so
 * the files that were seen are compared with those that were asked for.
 */
export function takeTally(tap: {
  totals: string | undefined
  asked: readonly string[]
  seen: ReadonlySet<string>
  status: number
}): Tally {
  const missing = tap.asked.filter((file) => !tap.seen.has(file))
  const remarks = missing.map((file) => `missing: ${file} has no result`)
  if (tap.totals === undefined) {
    return { ...nothingRan('tap ended without its totals.'), status: tap.status || 1 }
  }
  return {
    passed: count(tap.totals, 'pass'),
    failed: count(tap.totals, 'fail') + missing.length,
    skipped: count(tap.totals, 'skip'),
    todo: count(tap.totals, 'todo'),
    remarks,
    status: tap.status || (missing.length > 0 ? 1 : 0),
  }
}

// Zeros are left out of the line: # { total: 14, pass: 5, fail: 7 }
function count(totals: string, key: string): number {
  return Number(new RegExp(`\\b${key}: (\\d+)`).exec(totals)?.[1] ?? 0)
}
