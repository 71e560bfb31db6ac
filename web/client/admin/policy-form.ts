import type { NodeId } from '#schema/ids.ts'
import type { PartnerPolicy, ProfileField, WorkspacePolicy } from '#schema/policy.ts'
import { announce, h } from '../ui/dom.ts'
import { form, select, tick, typedIn } from '../ui/form.ts'
import { type Draft, showDryRun } from './dry-run.ts'
import { fieldWords, partnerRules, type Rule, workspaceRules } from './policy-words.ts'

type Value = string | boolean

/** The policies of the workspace. `save` keeps them. */
export function workspaceForm(
  policy: WorkspacePolicy,
  save: (next: WorkspacePolicy) => Promise<void>,
): HTMLElement {
  const saved = savedSign()
  const read = (typed: FormData): WorkspacePolicy => ({
    ...(valuesIn([...partnerRules, ...workspaceRules], typed) as Omit<WorkspacePolicy, 'profileFields'>),
    profileFields: typed.getAll('profileFields') as ProfileField[],
  })
  const element: HTMLFormElement = form(
    { class: 'policies' },
    async (typed) => {
      await save(read(typed))
      saved.show()
    },
    ...[...workspaceRules, ...partnerRules].map((rule) => ruleField(rule, String(policy[rule.name]))),
    h(
      'fieldset',
      { class: 'options' },
      h('legend', {}, 'What partners see of a profile, beside the name'),
      ...Object.entries(fieldWords).map(([value, text]) =>
        tick(text, {
          name: 'profileFields',
          value,
          checked: policy.profileFields.includes(value as ProfileField),
        }),
      ),
    ),
    actions(() => showDryRun({ workspace: read(new FormData(element)) }), saved.element),
  )
  return element
}

const asForAll = 'as-for-all'

/** What is different for one partner; what is as for all is left out. */
export function partnerForm(
  node: NodeId,
  differs: PartnerPolicy,
  { holds, save }: { readonly holds: WorkspacePolicy; readonly save: (next: PartnerPolicy) => Promise<void> },
): HTMLElement {
  const saved = savedSign()
  const read = (typed: FormData): PartnerPolicy => valuesIn(partnerRules, typed)
  const element: HTMLFormElement = form(
    { class: 'policies' },
    async (typed) => {
      await save(read(typed))
      saved.show()
    },
    ...partnerRules.map((rule) => {
      const now = differs[rule.name] === undefined ? ` (${wordOf(rule, String(holds[rule.name]))})` : ''
      const all = { value: asForAll, text: `As for all${now}` }
      return ruleField({ ...rule, choices: [all, ...rule.choices] }, String(differs[rule.name] ?? asForAll))
    }),
    actions(() => showDryRun({ node, partner: read(new FormData(element)) } satisfies Draft), saved.element),
  )
  return element
}

function wordOf({ choices }: Rule<string>, value: string): string {
  const word = choices.find((choice) => choice.value === value)?.text ?? value
  return word.charAt(0).toLowerCase() + word.slice(1)
}

function ruleField({ name, label, choices }: Rule<string>, value: string): HTMLElement {
  return select({ label, name, value }, choices)
}

function valuesIn(rules: readonly Rule<string>[], typed: FormData): Record<string, Value> {
  const values: Record<string, Value> = {}
  for (const { name } of rules) {
    const text = typedIn(typed, name)
    if (text === asForAll) continue
    values[name] = text === 'true' || text === 'false' ? text === 'true' : text
  }
  return values
}

function actions(tryIt: () => void, saved: HTMLElement): HTMLElement {
  return h(
    'div',
    { class: 'choices' },
    h('button', { class: 'main' }, 'Save'),
    h('button', { type: 'button', click: tryIt }, 'Try on the last days…'),
    saved,
  )
}

function savedSign(): { element: HTMLElement; show: () => void } {
  const element = h('span', { class: 'hint', hidden: true }, 'Saved.')
  return {
    element,
    show() {
      element.hidden = false
      announce('Saved.')
    },
  }
}
