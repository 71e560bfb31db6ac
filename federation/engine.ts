import { keyFromBytes, verifyBytes } from './keys.ts'

// Whether a signature counts has to be the same on every node (K4), and it depends on the engine below: versions of one
// library have differed. Boot is the time to find out; a message that only some nodes believe is too late.

/** Does a signature count, given the raw bytes of everything? */
export type Accepts = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean

type Case = {
  readonly what: string
  readonly key: string
  readonly message: string
  readonly signature: string
  readonly counts: boolean
}

// The first is test 2 of RFC 8032 §7.1; the others are cases of ed25519-speccheck (`test/vectors/speccheck`), one of each
// kind in which engines are known to differ. The whole lists are part of the test suite.
const mixedKey = 'cdb267ce40c5cd45306fa5d2f29731459387dbf9eb933b7bd5aed9a765b88d4d'
const rfcKey = '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c'
const rfcSignature =
  '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00'
const cases: readonly Case[] = [
  {
    what: 'an ordinary signature',
    key: rfcKey,
    message: '72',
    signature: rfcSignature,
    counts: true,
  },
  {
    what: 'an ordinary signature over another message',
    key: rfcKey,
    message: '73',
    signature: rfcSignature,
    counts: false,
  },
  {
    what: 'a key of low order',
    key: 'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa',
    message: '8c93255d71dcab10e8f379c26200f3c7bd5f09d9bc3068d3ef4edeb4853022b6',
    signature:
      'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a0000000000000000000000000000000000000000000000000000000000000000',
    counts: false,
  },
  {
    what: 'an R of low order',
    key: 'f7badec5b8abeaf699583992219b7b223f1df3fbbea919844e3f7c554a43dd43',
    message: 'aebf3f2601a0c8c5d39cc7d8911642f740b78168218da8471772b35f9d35b9ab',
    signature:
      'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa8c4bd45aecaca5b24fb97bc10ac27ac8751a7dfe1baff8b953ec9f5833ca260e',
    counts: false,
  },
  {
    what: 'parts of low order that cancel',
    key: mixedKey,
    message: '9bd9f44f4dcc75bd531b56b2cd280b0bb38fc1cd6d1230e14861d861de092e79',
    signature:
      '9046a64750444938de19f227bb80485e92b83fdb4b6506c160484c016cc1852f87909e14428a7a1d62e9f22f3d3ad7802db02eb2e688b6c52fcd6648a98bd009',
    counts: true,
  },
  {
    what: 'parts of low order that cancel with the cofactor only',
    key: mixedKey,
    message: 'e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec4011eaccd55b53f56c',
    signature:
      '160a1cb0dc9c0258cd0a7d23e94d8fa878bcb1925f2c64246b2dee1796bed5125ec6bc982a269b723e0668e540911a9a6a58921d6925e434ab10aa7940551a09',
    counts: false,
  },
  {
    what: 'an S that is not reduced',
    key: '442aad9f089ad9e14647b1ef9099a1ff4798d78589e66f28eca69c11f582a623',
    message: '85e241a07d148b41e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec40',
    signature:
      'e96f66be976d82e60150baecff9906684aebb1ef181f67a7189ac78ea23b6c0e547f7690a0e2ddcd04d87dbc3490dc19b3b3052f7ff0538cb68afb369ba3a514',
    counts: false,
  },
]

/** Our own gate over the engine of this process. */
export const acceptsHere: Accepts = (publicKey, message, signature) => {
  const key = keyFromBytes(publicKey)
  return key.ok && verifyBytes(key.value, message, signature)
}

/** What this process judges otherwise than every other node, in a few words; undefined when it judges alike. */
export function faultOfEngine(accepts: Accepts): string | undefined {
  const bytes = (hex: string): Uint8Array => Buffer.from(hex, 'hex')
  const wrong = cases.find(
    ({ key, message, signature, counts }) => accepts(bytes(key), bytes(message), bytes(signature)) !== counts,
  )
  return wrong && `${wrong.what} ${wrong.counts ? 'does not count' : 'counts'}`
}
