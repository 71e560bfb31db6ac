import { generateKeyPairSync, randomBytes, sign, verify } from 'node:crypto'

// The yardstick of federation: what no node that checks signatures can do without.

const messageBytes = 542
const burnMicroseconds = 1_000_000

/** Processor time of one Ed25519 verification here and now, in microseconds. */
export function verifyMicroseconds(): number {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const message = randomBytes(messageBytes)
  const signature = sign(null, message, privateKey)
  const begun = process.cpuUsage()
  let count = 0
  for (;;) {
    for (let i = 0; i < 100; i++) verify(null, message, publicKey, signature)
    count += 100
    const { user, system } = process.cpuUsage(begun)
    if (user + system >= burnMicroseconds) return (user + system) / count
  }
}
