import { announce, h, replace } from '../ui/dom.ts'
import { face } from '../ui/face.ts'
import { icon } from '../ui/icons.ts'
import { badgesOf } from './badge.ts'
import { keyOf, nameOfPicked, type Picked, suggest } from './suggest.ts'

export type Picker = {
  readonly element: HTMLElement
  readonly picked: () => readonly Picked[]
  /** Who is chosen, with whom the typed text can only mean. Throws what to do when it could mean several. */
  readonly settle: () => Promise<readonly Picked[]>
  readonly add: (one: Picked) => void
  readonly remove: (keys: readonly string[]) => void
}

type Wish = {
  readonly label: string
  readonly hint: string
  /** Who is there already, and is not suggested. */
  readonly isThere: (key: string) => boolean
  readonly changed: () => void
  /** Does the dialog begin with it? */
  readonly isFirst?: boolean
}

let pickerCount = 0
const typingMs = 150

/**
 * A field for people: who is chosen stands in it, and what is typed brings suggestions below (the pattern of a
 * combobox with a list: arrows choose, Enter takes, Escape closes, Backspace takes the last one out).
 */
export function peoplePicker(wish: Wish): Picker {
  const id = `people-${++pickerCount}`
  let picked: Picked[] = []
  const chips = h('span', { class: 'chips' })
  const input = h('input', {
    id,
    role: 'combobox',
    'aria-expanded': 'false',
    'aria-controls': `${id}-list`,
    'aria-autocomplete': 'list',
    'aria-describedby': `${id}-hint`,
    autocomplete: 'off',
    autocapitalize: 'none',
    spellcheck: 'false',
    autofocus: wish.isFirst ?? true,
  })
  const box = h('div', { class: 'picker' }, chips, input)
  const list = suggestionList(id, input, (one) => {
    input.value = ''
    set([...picked, one])
    announce(`${nameOfPicked(one)} is chosen.`)
  })

  function set(next: readonly Picked[]): void {
    picked = [...next]
    replace(chips, ...picked.map((one) => chip(one, () => set(picked.filter((other) => other !== one)))))
    wish.changed()
  }

  async function settle(): Promise<readonly Picked[]> {
    const text = input.value.trim()
    if (text === '') return picked
    const [one, ...others] = (await suggest(text)).filter(isNew)
    if (!one || others.length > 0) throw new Error(`Choose who is meant by “${text}”.`)
    list.close()
    input.value = ''
    set([...picked, one])
    return picked
  }

  const isNew = (one: Picked): boolean =>
    !wish.isThere(keyOf(one)) && !picked.some((other) => keyOf(other) === keyOf(one))
  list.follow(isNew)
  box.addEventListener('click', () => input.focus())
  input.addEventListener('keydown', (event) => {
    if (event.key === 'Backspace' && input.value === '' && picked.length > 0) set(picked.slice(0, -1))
    // Enter takes who is typed, where the list has not taken somebody already; only then does it send.
    if (event.key !== 'Enter' || event.defaultPrevented || input.value.trim() === '') return
    event.preventDefault()
    settle().catch(() => {})
  })
  return {
    element: h(
      'div',
      { class: 'field' },
      h('label', { for: id }, wish.label),
      box,
      list.element,
      h('p', { id: `${id}-hint`, class: 'hint' }, wish.hint),
    ),
    picked: () => picked,
    settle,
    add: (one) => set([...picked, one]),
    remove: (keys) => set(picked.filter((one) => !keys.includes(keyOf(one)))),
  }
}

function chip(one: Picked, remove: () => void): HTMLElement {
  const name = nameOfPicked(one)
  return h(
    'span',
    { class: 'chip' },
    name,
    h(
      'button',
      { type: 'button', class: 'plain', 'aria-label': `Take out ${name}`, click: remove },
      icon('close'),
    ),
  )
}

type Suggestions = {
  readonly element: HTMLElement
  follow(isNew: (one: Picked) => boolean): void
  close(): void
}

function suggestionList(id: string, input: HTMLInputElement, take: (one: Picked) => void): Suggestions {
  const element = h('ul', { id: `${id}-list`, class: 'suggestions', role: 'listbox', hidden: true })
  let shown: Picked[] = []
  let active = -1
  let asked = 0

  function show(next: readonly Picked[]): void {
    shown = [...next]
    active = shown.length > 0 ? 0 : -1
    replace(element, ...shown.map((one, i) => suggestion(`${id}-${i}`, one, () => choose(i))))
    element.hidden = shown.length === 0
    input.setAttribute('aria-expanded', String(shown.length > 0))
    mark()
  }

  function mark(): void {
    for (const [i, option] of [...element.children].entries()) {
      option.setAttribute('aria-selected', String(i === active))
      if (i === active) option.scrollIntoView({ block: 'nearest' })
    }
    if (active >= 0) input.setAttribute('aria-activedescendant', `${id}-${active}`)
    else input.removeAttribute('aria-activedescendant')
  }

  function choose(i: number): void {
    const one = shown[i]
    show([])
    if (one) take(one)
    input.focus()
  }

  function keys(event: KeyboardEvent): void {
    if (shown.length === 0) return
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step !== undefined) {
      active = (active + step + shown.length) % shown.length
      mark()
    } else if (event.key === 'Enter') choose(active)
    // The dialog stays open: Escape closes the list only.
    else if (event.key === 'Escape') show([])
    else return
    event.preventDefault()
    event.stopPropagation()
  }

  async function ask(isNew: (one: Picked) => boolean): Promise<void> {
    const mine = ++asked
    await new Promise((resolve) => setTimeout(resolve, typingMs))
    if (mine !== asked || input.value.trim() === '') return
    const found = await suggest(input.value).catch(() => [])
    if (mine === asked) show(found.filter(isNew))
  }

  return {
    element,
    close() {
      asked += 1
      show([])
    },
    follow(isNew) {
      input.addEventListener('keydown', keys)
      input.addEventListener('blur', () => {
        asked += 1
        setTimeout(() => show([]), typingMs)
      })
      input.addEventListener('input', () => {
        if (input.value.trim() === '') show([])
        void ask(isNew)
      })
    },
  }
}

function suggestion(id: string, one: Picked, choose: () => void): HTMLElement {
  const name = nameOfPicked(one)
  const content =
    one.by === 'handle' || one.by === 'user'
      ? [face(name, one.person.id), h('span', { class: 'row-text' }, name, ...badgesOf(one.person))]
      : [
          h('div', { class: 'face company', 'aria-hidden': 'true' }, icon('invitation')),
          h(
            'span',
            { class: 'row-text' },
            name,
            h('span', { class: 'hint' }, one.by === 'email' ? ' by e-mail' : ' at their company'),
          ),
        ]
  // Before the field loses focus, which would close the list.
  const press = (event: Event): void => {
    event.preventDefault()
    choose()
  }
  return h('li', { id, role: 'option', class: 'row', 'aria-selected': 'false', mousedown: press }, ...content)
}
