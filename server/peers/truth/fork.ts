/**
 * The last seq at which two logs are the same, between two seqs: each asks whether they are at one of them. They are one
 * log up to there and never again behind it, so that halves are enough. Undefined: they are not even at the first.
 */
export async function findFork(
  from: number,
  upTo: number,
  isCommon: (seq: number) => Promise<boolean>,
): Promise<number | undefined> {
  if (upTo < from) return undefined
  // Most often one is only longer than the other.
  if (await isCommon(upTo)) return upTo
  if (upTo === from || !(await isCommon(from))) return undefined
  let [same, other] = [from, upTo]
  while (other - same > 1) {
    const middle = Math.floor((same + other) / 2)
    if (await isCommon(middle)) same = middle
    else other = middle
  }
  return same
}
