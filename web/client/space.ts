import { composerView } from './composer.ts'
import { h, replace } from './dom.ts'
import { logView } from './log.ts'
import type { Model, Opened } from './model.ts'
import { companies, peopleView } from './people.ts'
import { titleOf } from './words.ts'

/** One space: its name, its log, the place to write, and who takes part. */
export function spaceView(model: Model, opened: Opened): HTMLElement {
  const heading = h('h2', { tabindex: -1 })
  const about = h('p', { class: 'about' })
  const people = peopleView(model, opened)
  const toggle = h(
    'button',
    { type: 'button', 'aria-expanded': 'false', 'aria-controls': 'people' },
    'People',
  )
  const view = h(
    'main',
    { class: 'space' },
    h(
      'header',
      {},
      h('a', { href: '#', class: 'back', 'aria-label': 'Back to the inbox' }, '‹'),
      h('div', { class: 'name' }, heading, about),
      toggle,
    ),
    h('div', { class: 'talk' }, ...logView(model, opened), composerView(model, opened)),
    people,
  )

  function show(isShown: boolean): void {
    view.classList.toggle('with-people', isShown)
    toggle.setAttribute('aria-expanded', String(isShown))
    if (isShown) people.querySelector<HTMLElement>('h3')?.focus()
  }

  toggle.addEventListener('click', () => show(!view.classList.contains('with-people')))
  people.addEventListener('close', () => {
    show(false)
    toggle.focus()
  })
  view.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && view.classList.contains('with-people'))
      people.dispatchEvent(new Event('close'))
  })

  function draw(): void {
    const { space } = opened
    const host = space.host === model.me.node ? 'hosted here' : `hosted by ${space.host}`
    heading.textContent = titleOf(space)
    about.textContent = `${space.kind} · ${companies(model, space.nodes)} · ${host}`
    toggle.textContent = `People ${space.members.length + space.groups.length}`
  }
  model.on('space', draw, opened)
  draw()
  queueMicrotask(() => {
    const isWide = matchMedia('(min-width: 50rem)').matches
    if (isWide) view.querySelector('textarea')?.focus({ preventScroll: true })
    else heading.focus({ preventScroll: true })
  })
  return view
}

export function showNothing(place: HTMLElement, sentence: string): void {
  replace(
    place,
    h('main', { class: 'nothing' }, h('p', {}, sentence), h('a', { href: '#' }, 'Back to the inbox')),
  )
}
