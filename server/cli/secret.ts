import type { ReadStream } from 'node:tty'
import { keyPairFromSeed, type KeyPair } from '#federation/keys.ts'
import { readRecovery } from '#server/ports/recovery-files.ts'
import { Failure } from './failure.ts'

// Secrets come by the keyboard or through a pipe, never as an argument: every user of the machine sees those.

const bytesMax = 4096

/** The recovery key that an operator types, without its showing, or pipes in; also as the file in which it was written. */
export async function askRecoveryKey(): Promise<KeyPair> {
  const text = process.stdin.isTTY ? await typedIn(process.stdin, 'hidden', 'Recovery key') : await pipedIn()
  return recoveryKeyIn(text)
}

/** What has to be typed to show that it is meant; with the recovery key behind it, where that is to sign. */
export async function askConfirmation(
  words: string,
  question: string,
  isSignedByRecovery: boolean,
): Promise<KeyPair | undefined> {
  const { stdin } = process
  const [typed = '', ...rest] = stdin.isTTY
    ? [await typedIn(stdin, 'shown', question)]
    : (await pipedIn()).split('\n')
  if (typed.trim() !== words) throw new Failure(2, `That is not "${words}". Nothing was done.`)
  if (!isSignedByRecovery) return undefined
  return recoveryKeyIn(stdin.isTTY ? await typedIn(stdin, 'hidden', 'Recovery key') : rest.join('\n'))
}

function recoveryKeyIn(text: string): KeyPair {
  const seed = readRecovery(text)
  if (seed) return keyPairFromSeed(seed)
  throw new Failure(
    2,
    'That is not a recovery key: it has 43 letters, digits, hyphens and underscores.\nCompare it with what was printed, character by character.',
  )
}

async function pipedIn(): Promise<string> {
  let text = ''
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    text += chunk.toString()
    if (text.length > bytesMax) break
  }
  return text.slice(0, bytesMax)
}

/** A line from the terminal. */
async function typedIn(stdin: ReadStream, how: 'hidden' | 'shown', question: string): Promise<string> {
  process.stderr.write(how === 'hidden' ? `${question} (nothing is shown): ` : `${question}: `)
  stdin.setRawMode(true)
  try {
    return await lineOf(stdin, (letter) => how === 'shown' && process.stderr.write(letter))
  } finally {
    stdin.setRawMode(false)
    stdin.pause()
    process.stderr.write('\n')
  }
}

async function lineOf(stdin: ReadStream, show: (letter: string) => unknown): Promise<string> {
  const line = Promise.withResolvers<string>()
  let text = ''
  const take = (chunk: Buffer): void => {
    for (const letter of chunk.toString()) {
      if (letter === '\r' || letter === '\n' || letter === '\u0004') return line.resolve(text)
      if (letter === '\u0003') return line.reject(new Failure(2, 'Nothing was done.'))
      if (letter === '\u007f') {
        if (text !== '') show('\b \b')
        text = text.slice(0, -1)
        continue
      }
      text = (text + letter).slice(0, bytesMax)
      show(letter)
    }
  }
  stdin.on('data', take)
  try {
    return await line.promise
  } finally {
    stdin.off('data', take)
  }
}
