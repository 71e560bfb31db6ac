import { z } from 'zod'
import { NodeId } from './ids.ts'
import { limits } from './limits.ts'

// E-mail addresses in the one form that we send to: an unquoted ASCII local part and a domain of lower-case A-labels.
// Quotes, comments and routes mean different things to different mail software (T-80), so they are no address here.

const localPart = "[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
const form = new RegExp(`^(?=[^@]{1,64}@)${localPart}@[^@]+$`)

/** Small letters only: no mailbox that people use tells `Ana` from `ana`, and one person has one address. */
export const Email = z
  .string()
  .max(limits.emailCharactersMax)
  .refine((text) => form.test(text) && NodeId.safeParse(domainOf(text)).success)
  .brand('Email')
export type Email = z.output<typeof Email>

/** What a person typed: only letters are folded, and outer space goes. Undefined when it is no address. */
export function readTypedEmail(typed: string): Email | undefined {
  const trimmed = typed.replace(/^ +| +$/g, '')
  // Before letters are folded, since some letters outside ASCII have small forms inside it.
  if (!/^[\x21-\x7e]+$/.test(trimmed)) return undefined
  const read = Email.safeParse(trimmed.toLowerCase())
  return read.success ? read.data : undefined
}

/** The domain of an address, which is not a node yet. */
export function domainOf(email: string): string {
  return email.slice(email.lastIndexOf('@') + 1)
}

/** As people type it. What is none is refused as `invalid-address`, with words, and not for its shape. */
export const TypedEmail = z.string().min(1).max(320)
