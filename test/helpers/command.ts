import { spawn } from 'node:child_process'

/** What a command of the operator came to. */
export type Outcome = { readonly code: number | null; readonly out: string; readonly complaint: string }

/**
 * Runs `parley` in a process of its own, which sees nothing of our environment but what is given here, and where the
 * tests keep what they have compiled.
 */
export async function parley(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  meddle: (child: ReturnType<typeof spawn>) => void = () => {},
): Promise<Outcome> {
  const { PATH, HOME, NODE_COMPILE_CACHE } = process.env
  const child = spawn(process.execPath, ['scripts/parley.mjs', ...args], {
    env: { PATH, HOME, NODE_COMPILE_CACHE, ...env },
  })
  let out = ''
  let complaint = ''
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()))
  meddle(child)
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return { code, out, complaint }
}
