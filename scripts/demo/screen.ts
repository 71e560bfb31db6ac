import { styleText } from 'node:util'
import { password } from '../seed.ts'
import type { DemoNode } from './nodes.ts'

/** Everything that somebody needs to begin, on one screen. */
export function screenOf(demo: {
  readonly nodes: readonly DemoNode[]
  readonly directory: string
  /** Seconds after the start. */
  readonly healthyAt: number
  readonly seededAt: number | undefined
}): string {
  const [acme, globex] = demo.nodes
  const bold = (text: string): string => styleText('bold', text)
  const seeded =
    demo.seededAt === undefined ? '' : `, with people in them after ${demo.seededAt.toFixed(1)} s`
  const signIn = `{"handle":"alice","password":"${password}"}`
  return `
${bold('Two companies that work together')}

  Acme     ${bold(acme!.url.padEnd(30))}  alice (owner), anna
  Globex   ${bold(globex!.url.padEnd(30))}  bob (owner), bea
  Everybody's password is ${bold(password)}

${bold('Try')}

  Open both pages side by side, as alice and as bob, and write in "Launch plan".
  Sign in as bea at Globex: an invitation of Alice's waits for an answer.
  As alice, remove Bob from "Launch plan": at Globex it is gone at once.

  npx --no parley log --node acme      what the two nodes said to each other
  npx --no parley log --node globex    the same, as the other one saw it
  curl ${acme!.url}/api/sessions --json '${signIn}'
  docs/curl-tour.md                    goes on from there: all of it with curl

  Data and logs: ${demo.directory}
  (delete it to begin anew)

Two healthy nodes after ${demo.healthyAt.toFixed(1)} s${seeded}. Ctrl-C stops everything.`
}
