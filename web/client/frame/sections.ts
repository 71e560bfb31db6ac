import { h } from '../ui/dom.ts'
import { icon, type IconName } from '../ui/icons.ts'
import type { Model } from '../model/model.ts'
import { addressOf } from './place.ts'

/** One page of several that belong together: settings, administration. */
export type Section = {
  readonly name: string
  readonly text: string
  readonly icon: IconName
  readonly view: (model: Model, rest: readonly string[]) => HTMLElement
  readonly count?: (model: Model) => number
}

/** The list of pages that belong together, in the place of the inbox. */
export function sectionsView(
  model: Model,
  title: string,
  root: string,
  sections: readonly Section[],
): HTMLElement {
  const items = sections.map((section) => ({
    section,
    link: h('a', { href: addressOf(root, section.name), class: 'section' }),
  }))

  function draw(): void {
    const [first, second] = location.hash.slice(1).split('/')
    if (first !== root) return
    for (const { section, link } of items) {
      if (section.name === second) link.setAttribute('aria-current', 'page')
      else link.removeAttribute('aria-current')
      const count = section.count?.(model) ?? 0
      link.replaceChildren(icon(section.icon), h('span', { class: 'title' }, section.text))
      if (count > 0) link.append(h('span', { class: 'count' }, String(count)))
    }
  }
  model.on('place', draw)
  model.on('waiting', draw)
  draw()
  return h(
    'nav',
    { class: 'sections', 'aria-label': title },
    h('header', {}, h('h1', {}, title)),
    h('ul', {}, ...items.map(({ link }) => h('li', {}, link))),
  )
}
