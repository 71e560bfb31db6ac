import { type Child, h } from './dom.ts'
import { icon } from './icons.ts'

/**
 * A dialog over the page. `build` gets what closes it. Focus goes to what has `autofocus`, else to the heading,
 * and back to where it was when the dialog closes.
 */
export function openDialog(title: string, build: (close: () => void) => readonly Child[]): HTMLDialogElement {
  const before = document.activeElement
  const heading = h('h2', { tabindex: -1 }, title)
  const close = (): void => dialog.close()
  const dialog = h(
    'dialog',
    { class: 'dialog', 'aria-label': title },
    h('header', {}, heading, iconButton('close', 'Close', close)),
    h('div', { class: 'dialog-body' }, ...build(close)),
  )
  // Who goes elsewhere, by the back button too, leaves the dialog.
  window.addEventListener('hashchange', close)
  dialog.addEventListener('close', () => {
    window.removeEventListener('hashchange', close)
    dialog.remove()
    if (before instanceof HTMLElement && before.isConnected) before.focus()
  })
  document.body.append(dialog)
  dialog.showModal()
  const first = dialog.querySelector<HTMLElement>('[autofocus]') ?? heading
  first.focus()
  return dialog
}

/** A button that shows an icon and is called by its name. */
export function iconButton(name: Parameters<typeof icon>[0], label: string, act: () => void): HTMLElement {
  return h(
    'button',
    { type: 'button', class: 'plain square', 'aria-label': label, title: label, click: act },
    icon(name),
  )
}

export type Question = {
  readonly title: string
  readonly text: readonly Child[]
  /** What the button that does it says. */
  readonly act: string
  readonly isDangerous?: boolean
}

/** Asks before something that cannot be taken back; `act` may throw the reason why it did not work. */
export function askFirst({ title, text, act: word, isDangerous }: Question, act: () => Promise<void>): void {
  openDialog(title, (close) => {
    const problem = h('p', { class: 'problem', role: 'alert', hidden: true })
    const button = h(
      'button',
      { type: 'button', class: isDangerous ? 'danger' : 'main', click: () => void go() },
      word,
    )
    async function go(): Promise<void> {
      button.disabled = true
      try {
        await act()
        close()
      } catch (error) {
        problem.textContent = error instanceof Error ? error.message : String(error)
        problem.hidden = false
        button.disabled = false
      }
    }
    const cancel = h('button', { type: 'button', click: close }, 'Cancel')
    return [...text, problem, h('div', { class: 'choices' }, cancel, button)]
  })
}
