import { type Child, h } from '../ui/dom.ts'
import { icon } from '../ui/icons.ts'

type Heading = {
  readonly title: string
  /** One sentence under the title. */
  readonly about?: string
  /** Where "back" leads on a narrow screen. */
  readonly back: string
  readonly actions?: readonly Child[]
  /** For tables: as wide as there is room. */
  readonly isWide?: boolean
}

/** A page that is no space: its title, and what is on it. */
export function pageView(
  { title, about, back, actions = [], isWide }: Heading,
  ...content: readonly Child[]
): HTMLElement {
  const heading = h('h2', { tabindex: -1 }, title)
  queueMicrotask(() => heading.focus({ preventScroll: true }))
  return h(
    'main',
    { class: isWide ? 'page wide' : 'page' },
    h(
      'header',
      {},
      h('a', { href: back, class: 'back', 'aria-label': 'Back' }, icon('back')),
      h('div', { class: 'name' }, heading, about !== undefined && h('p', { class: 'about' }, about)),
      ...actions,
    ),
    h('div', { class: 'page-body' }, ...content),
  )
}

/** A part of a page under a heading of its own. */
export function section(title: string, ...content: readonly Child[]): HTMLElement {
  return h('section', { class: 'part', 'aria-label': title }, h('h3', {}, title), ...content)
}
