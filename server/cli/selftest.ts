import { styleText } from 'node:util'
import { NodeId } from '#schema/ids.ts'
import type { Check } from '#server/peers/selftest/check.ts'
import { selftest } from '#server/peers/selftest/selftest.ts'
import { Failure } from './failure.ts'
import { peerName } from './place.ts'
import { visit } from './visit.ts'

// parley selftest federation: whether the way to another node is what it has to be, step by step.

export type SelftestOptions = { readonly node?: string; readonly json?: true }

type Print = (line: string) => void

export async function testFederation(
  environment: NodeJS.ProcessEnv,
  domain: string,
  { node, json }: SelftestOptions,
  print: Print,
): Promise<void> {
  const peer = NodeId.safeParse(peerName({ environment, node }, domain))
  if (!peer.success)
    throw new Failure(
      2,
      `"${domain}" is not the domain of a node.\nFor example: parley selftest federation globex.example`,
    )
  await using opened = new AsyncDisposableStack()
  const context = await visit(environment, node, opened)
  const checks = await selftest(context, peer.data)
  if (json) print(JSON.stringify({ node: peer.data, checks }))
  else for (const check of checks) show(check, print)
  const failed = checks.filter(({ isWell }) => isWell === false)
  if (failed.length > 0)
    throw new Failure(1, `${failed.map(({ name }) => name).join(', ')}: not as it has to be.`)
}

function show({ name, isWell, sentences }: Check, print: Print): void {
  const [first, ...more] = sentences
  print(`${wordOf(isWell)}  ${name.padEnd(9)}  ${first}`)
  for (const sentence of more) print(`${' '.repeat(17)}${sentence}`)
}

function wordOf(isWell: Check['isWell']): string {
  if (isWell === null) return 'not  '
  return isWell ? styleText('green', 'well ') : styleText('red', 'WRONG')
}
