import { styleText } from 'node:util'
import type { NodeId } from '#schema/ids.ts'
import type { Explanation, Why } from '#schema/why.ts'
import { explain } from '#server/peers/why/explain.ts'
import { systemClock } from '#server/ports/clock.ts'
import { openDatabase } from './database.ts'
import { Failure } from './failure.ts'
import { exchangeTable } from './log.ts'
import { peerName, settingsOf } from './place.ts'

// parley why: what became of something, what stands in its way, and what would help, in sentences.

export type WhyOptions = { readonly node?: string; readonly json?: true }

type Print = (line: string) => void

export async function printWhy(
  environment: NodeJS.ProcessEnv,
  id: string,
  { node, json }: WhyOptions,
  print: Print,
): Promise<void> {
  const asked = { environment, node }
  const config = settingsOf(asked)
  await using opened = new AsyncDisposableStack()
  const db = await openDatabase(config, opened)
  const named = peerName(asked, id)
  const explanations = await explain({ db, node: config.node, clock: systemClock }, named)
  if (explanations.length === 0) throw new Failure(1, sayUnknown(named, config.node))
  if (json) print(JSON.stringify({ explanations }))
  else for (const [i, each] of explanations.entries()) show(each, print, i > 0)
}

function show({ why, sentences }: Explanation, print: Print, hasBefore: boolean): void {
  if (hasBefore) print('')
  for (const sentence of sentences) print(sentence)
  const rows = attemptsOf(why)
  if (rows.length === 0) return
  print('')
  print(styleText('bold', 'The last exchanges, newest first:'))
  exchangeTable(rows, print)
}

function attemptsOf(why: Why): Extract<Why, { about: 'peer' }>['attempts'] {
  if (why.about === 'exchange') return [why.exchange]
  return 'attempts' in why ? why.attempts : []
}

function sayUnknown(id: string, node: NodeId): string {
  if (id === node) return `${id} is this node itself.\nAsk about a peer, a space, a person or a message.`
  return `Nothing here has the id "${id}".\nGive the id of a message, a space (s_…), a person (u_…@…), a domain, or the instance of a problem. What was forgotten or deleted is not known any more, and the instance of an internal error is in the log of the node.`
}
