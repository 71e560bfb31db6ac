// Elements are made here and nowhere else. Text goes in as text: there is no way to hand over markup.

type Listener = (event: Event) => void
export type Child = Node | string | undefined | false
export type Attributes = Readonly<Record<string, string | number | boolean | Listener | undefined>>

export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue
    if (typeof value === 'function') element.addEventListener(name, value)
    else element.setAttribute(name, value === true ? '' : String(value))
  }
  append(element, children)
  return element
}

export function append(parent: Node, children: readonly Child[]): void {
  for (const child of children) {
    if (child === undefined || child === false) continue
    parent.appendChild(typeof child === 'string' ? document.createTextNode(child) : child)
  }
}

export function replace(parent: Element, ...children: readonly Child[]): void {
  parent.replaceChildren()
  append(parent, children)
}

/** One of a list that `sync` keeps: `look` is everything that its element shows. */
export type Item = { readonly key: string; readonly look: string; readonly build: () => HTMLElement }

/**
 * Makes the children of an element those of the list. What has not changed stays the same element, so that
 * focus, selection and what a screen reader has announced stay too.
 */
export function sync(parent: HTMLElement, items: readonly Item[]): void {
  const old = new Map<string, HTMLElement>()
  for (const child of parent.children) {
    if (child instanceof HTMLElement) old.set(child.dataset['key'] ?? '', child)
  }
  let position: Element | null = parent.firstElementChild
  for (const item of items) {
    const known = old.get(item.key)
    old.delete(item.key)
    if (known && known.dataset['look'] === item.look) {
      if (known === position) position = position.nextElementSibling
      else parent.insertBefore(known, position)
      continue
    }
    const made = item.build()
    made.dataset['key'] = item.key
    made.dataset['look'] = item.look
    parent.insertBefore(made, position)
    if (!known) continue
    if (known.contains(document.activeElement)) focusIn(made)
    if (known === position) position = position.nextElementSibling
    known.remove()
  }
  for (const gone of old.values()) gone.remove()
}

const focusable = 'a[href], button:not([disabled]), input, textarea, select'

function focusIn(element: HTMLElement): void {
  const target = element.matches(focusable) ? element : element.querySelector<HTMLElement>(focusable)
  target?.focus()
}

/** Says something to people who do not see it. */
export function announce(sentence: string): void {
  const announcer = document.getElementById('announcer')
  if (announcer) announcer.textContent = sentence
}
