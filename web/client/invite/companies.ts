import type { previewCompanies } from '#schema/api/companies.ts'
import type { NodeId, SpaceId } from '#schema/ids.ts'
import type { Invitee } from '#schema/invitation.ts'
import type { SpaceSummary } from '#schema/space.ts'
import { call, type ReplyOf } from '../model/api.ts'
import type { Picked } from '../people/suggest.ts'
import { listed } from '../space/words.ts'
import { h, replace } from '../ui/dom.ts'
import { tick } from '../ui/form.ts'

// No surprise meeting: before something brings a company in that was not there, whoever does it sees which, and agrees.
// Where a thread begins in groups that all of them are in, nobody meets: they are shown, and need no second yes.

type Preview = ReplyOf<typeof previewCompanies>

export type CompaniesCheck = {
  readonly element: HTMLElement
  /** Looks again what these groups and people would bring. */
  readonly look: (draft: {
    readonly space?: SpaceId
    readonly groups?: readonly Pick<SpaceSummary, 'id' | 'nodes'>[]
    readonly people?: readonly Picked[]
  }) => Promise<void>
  /** The companies that were agreed to. Throws the sentence for people when it has not been done. */
  readonly agreed: () => NodeId[]
}

/** In a direct conversation whoever names a person names the company: it is shown, and needs no second yes. */
export function companiesCheck({ isDirect = false } = {}): CompaniesCheck {
  const element = h('div', { class: 'companies', role: 'status' })
  let preview: Preview | undefined
  /** Those that the box asks about. */
  let inBox: readonly NodeId[] = []
  let last = 0
  const agree = h('div', {})

  async function look({
    space,
    groups = [],
    people = [],
  }: Parameters<CompaniesCheck['look']>[0]): Promise<void> {
    const mine = ++last
    const next = await call<typeof previewCompanies>({
      method: 'POST',
      url: '/api/companies/preview',
      body: {
        ...(space && { space }),
        groups: groups.map(({ id }) => id),
        people: people.flatMap(inviteesOf),
      },
    })
    if (mine !== last) return
    const isNew = space === undefined
    const haveMet =
      isNew &&
      groups.length > 0 &&
      groups.every(({ nodes }) => next.coming.every((node) => nodes.includes(node)))
    // Who has agreed to a list has agreed to no other one.
    const asked = isDirect || haveMet ? [] : next.coming
    if (asked.join() !== inBox.join()) replace(agree, ...agreement(asked))
    ;[preview, inBox] = [next, asked]
    replace(element, ...sentencesOf(next, { isNew, haveMet }), agree)
  }

  return {
    element,
    look,
    agreed() {
      const coming = preview?.coming ?? []
      const box = agree.querySelector('input')
      if (coming.length > 0 && box?.checked === false) {
        box.focus()
        throw new Error(`Say first that ${listed(coming)} may come in.`)
      }
      return coming
    },
  }
}

function agreement(coming: readonly NodeId[]): HTMLElement[] {
  if (coming.length === 0) return []
  return [
    tick(`Bring in ${listed(coming)}`, { name: 'agreed' }, 'Their servers get a copy of what they may see.'),
  ]
}

function sentencesOf(
  { coming, verdict, rule, warnings }: Preview,
  { isNew, haveMet }: { readonly isNew: boolean; readonly haveMet: boolean },
): HTMLElement[] {
  const sentences: HTMLElement[] = []
  if (coming.length > 0) {
    const verb = coming.length === 1 ? 'is' : 'are'
    const text = isNew ? 'will read this too' : `${verb} not in this so far`
    sentences.push(h('p', { class: haveMet ? 'hint' : 'warning' }, `${listed(coming)} ${text}.`))
  }
  if (verdict === 'approval')
    sentences.push(h('p', { class: 'hint' }, 'An administrator has to approve this first.'))
  if (verdict === 'refused')
    sentences.push(h('p', { class: 'problem' }, `Your workspace does not allow this (${rule}).`))
  for (const { node, declares } of warnings) {
    const does =
      declares === 'deny'
        ? 'leaves when others come'
        : 'asks its administrator first; until then nobody there can write'
    sentences.push(h('p', { class: 'hint' }, `${node} ${does}.`))
  }
  return sentences
}

/** Colleagues bring nobody. */
export function inviteesOf(picked: Picked): Invitee[] {
  switch (picked.by) {
    case 'handle':
      return []
    case 'user':
      return [{ user: picked.user }]
    case 'address':
      return [{ address: picked.address as never }]
    case 'email':
      return [{ email: picked.email }]
  }
}
