import type { Model, Opened } from '../model/model.ts'
import { companies } from '../people/badge.ts'
import { h, replace } from '../ui/dom.ts'
import { icon } from '../ui/icons.ts'
import { bannersView } from './banner.ts'
import { composerView } from './composer.ts'
import { detailsView } from './details/panel.ts'
import { logView } from './log.ts'
import { kindWord, titleOf } from './words.ts'

/** One space: its name, its log, the place to write, and the details of who takes part. */
export function spaceView(model: Model, opened: Opened): HTMLElement {
  const heading = h('h2', { tabindex: -1 })
  const about = h('p', { class: 'about' })
  const details = detailsView(model, opened)
  const count = h('span', {})
  const toggle = h(
    'button',
    { type: 'button', class: 'with-icon', 'aria-expanded': 'false', 'aria-controls': 'details' },
    icon('people'),
    count,
    h('span', { class: 'for-ears' }, ' people, details'),
  )
  const view = h(
    'main',
    { class: 'space' },
    h(
      'header',
      {},
      h('a', { href: '#', class: 'back', 'aria-label': 'Back to the inbox' }, icon('back')),
      h('div', { class: 'name' }, heading, about),
      toggle,
    ),
    h(
      'div',
      { class: 'talk' },
      bannersView(model, opened),
      ...logView(model, opened),
      composerView(model, opened),
    ),
    details,
  )

  function show(isShown: boolean): void {
    view.classList.toggle('with-details', isShown)
    toggle.setAttribute('aria-expanded', String(isShown))
    if (isShown) details.querySelector<HTMLElement>('h3')?.focus()
  }

  toggle.addEventListener('click', () => show(!view.classList.contains('with-details')))
  details.addEventListener('close', () => {
    show(false)
    toggle.focus()
  })
  view.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && view.classList.contains('with-details'))
      details.dispatchEvent(new Event('close'))
  })

  function draw(): void {
    const { space } = opened
    const host = space.host === model.me.node ? 'hosted here' : `hosted by ${space.host}`
    heading.textContent = titleOf(space)
    about.textContent = `${kindWord(space.kind)} · ${companies(model, space.nodes)} · ${host}`
    count.textContent = String(space.members.length + space.groups.length)
  }
  model.on('space', draw, opened)
  draw()
  focusSoon(view, heading)
  return view
}

/** On a narrow screen the keyboard would cover what there is to read. */
function focusSoon(view: HTMLElement, heading: HTMLElement): void {
  queueMicrotask(() => {
    const isWide = matchMedia('(min-width: 50rem)').matches
    const target = (isWide && view.querySelector('textarea')) || heading
    target.focus({ preventScroll: true })
  })
}

export function showNothing(place: HTMLElement, sentence: string): void {
  replace(
    place,
    h(
      'main',
      { class: 'nothing' },
      h('img', { src: '/client/icon.svg', alt: '', width: 56, height: 56 }),
      h('p', {}, sentence),
      h('a', { href: '#' }, 'Back to the inbox'),
    ),
  )
}
