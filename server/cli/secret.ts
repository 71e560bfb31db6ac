import type { ReadStream } from 'node:tty'
import { keyPairFromSeed, type KeyPair } from '#federation/keys.ts'
import { readRecovery } from '#server/ports/recovery-files.ts'
import { Failure } from './failure.ts'

// Secrets come by the keyboard or through a pipe, never as an argument: every user of the machine sees those.

const bytesMax = 4096

/** The recovery key that an operator types, without its showing, or pipes in; also as the file in which it was written. */
export async function askRecoveryKey(): Promise<KeyPair> {
  const { stdin } = process
  const seed = readRecovery(stdin.isTTY ? await typedIn(stdin) : await pipedIn(stdin))
  if (seed) return keyPairFromSeed(seed)
  throw new Failure(
    2,
    'That is not a recovery key: it has 43 letters, digits, hyphens and underscores.\nCompare it with what was printed, character by character.',
  )
}

async function pipedIn(stdin: AsyncIterable<Buffer>): Promise<string> {
  let text = ''
  for await (const chunk of stdin) {
    text += chunk.toString()
    if (text.length > bytesMax) break
  }
  return text.slice(0, bytesMax)
}

/** A line from the terminal, of which nothing is shown. */
async function typedIn(stdin: ReadStream): Promise<string> {
  process.stderr.write('Recovery key (nothing is shown): ')
  stdin.setRawMode(true)
  try {
    let text = ''
    for await (const chunk of stdin as AsyncIterable<Buffer>) {
      for (const letter of chunk.toString()) {
        if (letter === '\r' || letter === '\n' || letter === '\u0004') return text
        if (letter === '\u0003') throw new Failure(2, 'Nothing was done.')
        text = letter === '\u007f' ? text.slice(0, -1) : (text + letter).slice(0, bytesMax)
      }
    }
    return text
  } finally {
    stdin.setRawMode(false)
    process.stderr.write('\n')
  }
}
