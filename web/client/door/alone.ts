import type { Me } from '#schema/api/accounts.ts'
import { type Child, h, replace } from '../ui/dom.ts'

export type Entered = (me: Me) => void

/** A page for people without a session: a card in the middle, and under it what else one can do. */
export function showAlone(root: HTMLElement, title: string, ...content: readonly Child[]): void {
  document.title = `${title} · ${location.hostname}`
  const heading = h('h1', { tabindex: -1 }, title)
  const mark = h('img', { src: '/client/icon.svg', alt: '', width: 44, height: 44 })
  const where = h('p', { class: 'where' }, location.hostname)
  const page = h('main', { class: 'alone' }, mark, heading, where, ...content)
  replace(root, page)
  const first = page.querySelector<HTMLElement>('[autofocus]') ?? heading
  first.focus()
}

export function wayBack(text: string, back: () => void): HTMLElement {
  return h('div', { class: 'ways' }, h('button', { type: 'button', class: 'plain', click: back }, text))
}
