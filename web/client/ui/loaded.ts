import { type Child, h, replace } from './dom.ts'

export type Loaded = { readonly element: HTMLElement; readonly again: () => Promise<void> }

/**
 * A part of a page that comes from the node. What `read` brings is shown by `show`; when it fails the reason is,
 * with a button for another try. `again` reads anew and keeps what is shown until then.
 */
export function loaded<T>(
  read: () => Promise<T>,
  show: (value: T, again: () => Promise<void>) => readonly Child[],
): Loaded {
  const element = h('div', { class: 'loaded', 'aria-busy': 'true' }, h('p', { class: 'hint' }, 'Loading…'))
  let last = 0

  async function again(): Promise<void> {
    const mine = ++last
    try {
      const value = await read()
      // An older answer never replaces a newer one.
      if (mine === last) replace(element, ...show(value, again))
    } catch (error) {
      if (mine === last) replace(element, trouble(error, again))
    } finally {
      element.removeAttribute('aria-busy')
    }
  }
  void again()
  return { element, again }
}

function trouble(error: unknown, again: () => Promise<void>): HTMLElement {
  return h(
    'div',
    { class: 'empty', role: 'alert' },
    h('p', {}, error instanceof Error ? error.message : String(error)),
    h('button', { type: 'button', click: () => void again() }, 'Try again'),
  )
}

/** What stands where there is nothing yet. */
export function empty(sentence: string, ...more: readonly Child[]): HTMLElement {
  return h('div', { class: 'empty' }, h('p', {}, sentence), ...more)
}
