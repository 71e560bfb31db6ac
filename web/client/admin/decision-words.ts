import type { Decision } from '#schema/api/policies.ts'
import type { z } from 'zod'
import { type Mood, state } from '../ui/state.ts'
import { partnerRules, type Rule, workspaceRules } from './policy-words.ts'

// Decisions in words: what was asked, what was said, and by which rule.

type Verdict = z.output<typeof Decision>['verdict']

export function verdictState(verdict: Verdict): HTMLElement {
  return state(...verdictWords[verdict])
}

const verdictWords: Readonly<Record<Verdict, readonly [string, Mood]>> = {
  allowed: ['Allowed', 'good'],
  approval: ['Needs approval', 'open'],
  refused: ['Refused', 'bad'],
}

/** `invite-incoming` as people say it. */
export function kindWord(kind: string): string {
  const words = kind.replaceAll('-', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}

/** What is on or off is written so in a rule. */
const switches: Readonly<Record<string, string>> = { yes: 'true', no: 'false' }

/** `inviteExternals=admins` as the policies call it; what is no rule of the policies stays as it is. */
export function ruleSentence(rule: string): string {
  const [name, value] = rule.split('=')
  const known: Rule<string> | undefined = [...workspaceRules, ...partnerRules].find(
    (one) => one.name === name,
  )
  const word = known?.choices.find((choice) => choice.value === (switches[value ?? ''] ?? value))?.text
  return known && word !== undefined ? `${known.label}: ${word}` : kindWord(rule)
}
