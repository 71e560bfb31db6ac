import { type RefusalCode, refusals } from '#schema/refusal.ts'

/**
 * An expected no. The rules of the product refused the request, nothing is broken, and the caller may be
 * told why. Everything else that is thrown is a fault: logged with its cause, answered with a bare 500.
 */
export class Refusal extends Error {
  override name = 'Refusal'
  readonly code: RefusalCode
  /** For the caller: a field, a limit, a time. Never a copy of the input. */
  readonly details: Readonly<Record<string, string | number | readonly string[]>>

  constructor(code: RefusalCode, details: Refusal['details'] = {}, options?: ErrorOptions) {
    super(refusals[code].sentence, options)
    this.code = code
    this.details = details
  }
}
