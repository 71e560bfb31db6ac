import { randomUUID } from 'node:crypto'
import type { Pool } from 'undici'

// About 300 bytes, as people write them. Never twice the same, so that nothing is saved by compression.
const sentence =
  'The delivery for the second building has left the warehouse this morning and should be at your gate before ' +
  'noon. Could somebody of yours meet the driver, sign for the pallets, and tell me whether the seals are whole? ' +
  'I am in a meeting until eleven and read this again afterwards.'

/** Posts one message and returns its seq; undefined when it was not accepted. */
export async function post(
  pool: Pool,
  { space, token }: { readonly space: string; readonly token: string },
): Promise<number | undefined> {
  const key = randomUUID()
  const { statusCode, body } = await pool.request({
    method: 'POST',
    path: `/api/spaces/${encodeURIComponent(space)}/messages`,
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${token}`,
      'idempotency-key': key,
    },
    body: JSON.stringify({ text: `${sentence} ${key}` }),
  })
  const text = await body.text()
  if (statusCode !== 201) {
    complain(statusCode, text)
    return undefined
  }
  const { seq } = JSON.parse(text) as { seq?: number }
  return seq
}

let complaints = 0

function complain(status: number, text: string): void {
  complaints++
  if (complaints <= 3) console.error(`A message was answered with ${status}: ${text.slice(0, 300)}`)
}
