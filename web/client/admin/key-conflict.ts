import type { getKeyConflict, KeyConflict, repinPeer } from '#schema/api/key-conflicts.ts'
import type { NodeId } from '#schema/ids.ts'
import { section } from '../frame/page.ts'
import { call } from '../model/api.ts'
import { copyable } from '../ui/copyable.ts'
import { type Child, h } from '../ui/dom.ts'
import { field, form, typedIn } from '../ui/form.ts'
import { loaded } from '../ui/loaded.ts'

/** A company shows other keys than it did: both fingerprints, and the decision that only a person can make. */
export function keyConflictSection(node: NodeId, done: () => Promise<void>): HTMLElement {
  return section(
    'Its keys have changed',
    h(
      'p',
      { class: 'hint' },
      'Nothing is exchanged, and what it hosts can only be read. Either it lost its keys, or somebody else has its domain, or stands between you.',
    ),
    loaded(
      async () =>
        await call<typeof getKeyConflict>({
          method: 'GET',
          url: '/api/peers/:node/key-conflict',
          params: { node },
        }),
      (conflict) => partsOf(conflict, done),
    ).element,
  )
}

const explained: Readonly<Record<KeyConflict['why'], string>> = {
  genesis:
    'Call its administrator on a number that you knew before, and let them read out their fingerprint.',
  fork: 'Both histories begin alike. Call its administrator on a number that you knew before, and let them read out what “parley keys” prints as the fingerprint of their newest operation.',
  none: 'What it shows now continues what you knew. If nobody can explain what happened, call its administrator first.',
}

function partsOf({ node, why, pinned, shown }: KeyConflict, done: () => Promise<void>): Child[] {
  return [
    copyable('The fingerprint that you knew', pinned),
    copyable('The fingerprint that it shows now', shown),
    form(
      {},
      async (typed) => {
        await call<typeof repinPeer>({
          method: 'POST',
          url: '/api/peers/:node/repin',
          params: { node },
          body: { fingerprint: typedIn(typed, 'fingerprint') },
        })
        await done()
      },
      field(
        'What they read out',
        { name: 'fingerprint', required: true, autocomplete: 'off', inputmode: 'numeric' },
        explained[why],
      ),
      h('button', { class: 'dangerous' }, 'Accept these keys'),
    ),
  ]
}
