import { type Attributes, type Child, h } from './dom.ts'

// Forms and what stands in them: every input has its label, every form says why it could not.

let fieldCount = 0

/** An input with its label above it. */
export function field(label: string, attributes: Attributes, hint?: string): HTMLElement {
  const id = `field-${++fieldCount}`
  const hintId = hint === undefined ? undefined : `${id}-hint`
  return h(
    'div',
    { class: 'field' },
    h('label', { for: id }, label),
    h('input', { id, 'aria-describedby': hintId, ...attributes }),
    hint !== undefined && h('p', { id: hintId, class: 'hint' }, hint),
  )
}

/**
 * A form that does one thing at a time and shows why it could not. `act` gets what was typed, and throws what
 * went wrong.
 */
export function form(
  attributes: Attributes,
  act: (typed: FormData) => Promise<void>,
  ...children: readonly Child[]
): HTMLFormElement {
  const problem = h('p', { class: 'problem', role: 'alert', hidden: true })
  let isBusy = false
  const element: HTMLFormElement = h('form', attributes, ...children)
  // Above the buttons, where it is read before they are pressed again.
  const last = element.lastElementChild
  if (last?.matches('.choices, button') === true) last.before(problem)
  else element.append(problem)
  element.addEventListener('submit', (event) => {
    event.preventDefault()
    if (isBusy) return
    isBusy = true
    problem.hidden = true
    element.setAttribute('aria-busy', 'true')
    act(new FormData(element))
      .catch((error: unknown) => {
        problem.textContent = error instanceof Error ? error.message : String(error)
        problem.hidden = false
      })
      .finally(() => {
        isBusy = false
        element.removeAttribute('aria-busy')
      })
  })
  return element
}

/** What was typed into a field of a form. */
export function typedIn(typed: FormData, name: string): string {
  const value = typed.get(name)
  return typeof value === 'string' ? value : ''
}

type Option = { readonly value: string; readonly text: string; readonly hint?: string }

/** One of a few, all of them to be seen, with what each means. */
export function choices(
  { label, name, value }: { readonly label: string; readonly name: string; readonly value: string },
  options: readonly Option[],
): HTMLElement {
  return h(
    'fieldset',
    { class: 'options' },
    h('legend', {}, label),
    ...options.map((option) =>
      h(
        'label',
        { class: 'option' },
        h('input', { type: 'radio', name, value: option.value, checked: option.value === value }),
        h(
          'span',
          {},
          h('span', { class: 'option-text' }, option.text),
          option.hint !== undefined && h('span', { class: 'hint' }, option.hint),
        ),
      ),
    ),
  )
}

/** Something that is on or off. */
export function tick(text: string, attributes: Attributes, hint?: string): HTMLElement {
  return h(
    'label',
    { class: 'option' },
    h('input', { type: 'checkbox', ...attributes }),
    h(
      'span',
      {},
      h('span', { class: 'option-text' }, text),
      hint !== undefined && h('span', { class: 'hint' }, hint),
    ),
  )
}

/** One of many, in a list that opens. */
export function select(
  { label, name, value, hint }: { label: string; name: string; value: string; hint?: string },
  options: readonly Option[],
): HTMLElement {
  const id = `field-${++fieldCount}`
  return h(
    'div',
    { class: 'field' },
    h('label', { for: id }, label),
    h(
      'select',
      { id, name },
      ...options.map((option) =>
        h('option', { value: option.value, selected: option.value === value }, option.text),
      ),
    ),
    hint !== undefined && h('p', { class: 'hint' }, hint),
  )
}
