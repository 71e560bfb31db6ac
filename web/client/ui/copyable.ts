import { announce, h } from './dom.ts'

/** A text to be passed on, with a button that copies it. */
export function copyable(label: string, text: string, hint?: string): HTMLElement {
  const button = h(
    'button',
    { type: 'button', 'aria-label': `Copy: ${label}`, click: () => void copy() },
    'Copy',
  )
  async function copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(text)
      button.textContent = 'Copied'
      announce('Copied.')
    } catch {
      // Not given to pages without TLS; the text can be selected.
      getSelection()?.selectAllChildren(shown)
    }
  }
  const shown = h('code', {}, text)
  return h(
    'div',
    { class: 'copyable' },
    h('p', { class: 'label' }, label),
    h('div', { class: 'copyable-row' }, shown, button),
    hint !== undefined && h('p', { class: 'hint' }, hint),
  )
}
