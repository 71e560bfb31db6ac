import { addressOf } from '../frame/place.ts'
import { h } from '../ui/dom.ts'

/** Leads to what the node says about something. */
export function whyLink(id: string, text = 'Why?'): HTMLElement {
  return h('a', { href: addressOf('admin', 'why', id) }, text)
}
