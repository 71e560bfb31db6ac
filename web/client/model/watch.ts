import type { listApprovals } from '#schema/api/approvals.ts'
import type { listHosts } from '#schema/api/removals.ts'
import type { getWorkspace } from '#schema/api/workspace.ts'
import type { Host } from '#schema/removal.ts'
import { call, type ReplyOf } from './api.ts'
import type { Model } from './model.ts'

// What no stream brings and what is looked at now and then: what waits for an administrator, and whether the companies
// that host something of mine are there.

export type Waiting = ReplyOf<typeof listApprovals>['approvals'][number]

export function isAdmin({ me }: Model): boolean {
  return me.role === 'owner' || me.role === 'admin'
}

export async function readApprovals(model: Model): Promise<readonly Waiting[]> {
  const { approvals } = await call<typeof listApprovals>({ method: 'GET', url: '/api/approvals' })
  model.waiting = approvals.length
  model.changed('waiting')
  return approvals
}

async function readHosts(model: Model): Promise<void> {
  const { hosts } = await call<typeof listHosts>({ method: 'GET', url: '/api/hosts' })
  model.hosts = hosts
  model.changed('hosts')
}

async function readWorkspace(model: Model): Promise<void> {
  const { badgesEverywhere, recovering } = await call<typeof getWorkspace>({
    method: 'GET',
    url: '/api/workspace',
  })
  if (recovering !== model.recovering) {
    model.recovering = recovering
    model.changed('hosts')
  }
  if (badgesEverywhere === model.badgesEverywhere) return
  model.badgesEverywhere = badgesEverywhere
  model.changed('inbox', 'log')
}

const watchMs = 20_000

/** Looks at once and then every now and then, while somebody looks at the page. */
export function watch(model: Model): { close(): void } {
  const look = (): void => {
    if (document.hidden) return
    readHosts(model).catch(() => {})
    readWorkspace(model).catch(() => {})
    if (isAdmin(model)) readApprovals(model).catch(() => {})
  }
  look()
  const timer = setInterval(look, watchMs)
  return {
    close() {
      clearInterval(timer)
    },
  }
}

/** What is shut while a workspace asks others what they hold of it, in one sentence. */
export const recoverySentence =
  'This workspace was put back from a backup, or has replaced its keys. What you share with other companies is shut until they have said what they hold of it; nothing is lost.'

/** Why something of a company cannot be read, or only read, in one sentence. */
export function hostSentence({ node, access, spaces }: Host): string | undefined {
  const what = spaces === 1 ? 'what you share there' : `the ${spaces} things you share there`
  if (access === 'locked')
    return `${node} has not been heard of for too long. Until it is, ${what} cannot be read.`
  if (access === 'outage')
    return `${node} does not answer. You can read ${what}, and write again when it is back.`
  return undefined
}
