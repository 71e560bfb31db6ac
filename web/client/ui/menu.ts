import { h } from './dom.ts'
import { icon } from './icons.ts'

export type MenuItem = { readonly text: string; readonly act: () => void; readonly isDangerous?: boolean }

let menuCount = 0

/** Three dots that open what can be done with something. */
export function menu(label: string, items: readonly MenuItem[]): HTMLElement {
  const id = `menu-${++menuCount}`
  const list = h(
    'div',
    { id, class: 'menu', role: 'menu', popover: 'auto' },
    ...items.map(({ text, act, isDangerous }) =>
      h(
        'button',
        {
          type: 'button',
          role: 'menuitem',
          class: isDangerous ? 'plain dangerous' : 'plain',
          click: () => {
            list.hidePopover()
            act()
          },
        },
        text,
      ),
    ),
  )
  const button = h(
    'button',
    {
      type: 'button',
      class: 'plain square',
      'aria-label': label,
      title: label,
      'aria-haspopup': 'menu',
      popovertarget: id,
    },
    icon('more'),
  )
  list.addEventListener('toggle', () => {
    const isOpen = list.matches(':popover-open')
    button.setAttribute('aria-expanded', String(isOpen))
    if (!isOpen) return
    placeUnder(button, list)
    list.querySelector('button')?.focus()
  })
  list.addEventListener('keydown', (event) => moveFocus(list, event))
  return h('div', { class: 'menu-of' }, button, list)
}

/** Beside the button, within the window. It lies above everything, so no pane cuts it off. */
function placeUnder(button: HTMLElement, list: HTMLElement): void {
  const at = button.getBoundingClientRect()
  const { width, height } = list.getBoundingClientRect()
  const top = at.bottom + height + 8 > innerHeight ? at.top - height - 4 : at.bottom + 4
  list.style.top = `${Math.max(8, top)}px`
  list.style.left = `${Math.max(8, Math.min(at.right - width, innerWidth - width - 8))}px`
}

function moveFocus(list: HTMLElement, event: KeyboardEvent): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
  if (step === undefined) return
  event.preventDefault()
  const items = [...list.querySelectorAll('button')]
  const at = items.findIndex((item) => item === document.activeElement)
  items.at((at + step + items.length) % items.length)?.focus()
}
