import { type Child, h } from '../ui/dom.ts'
import { form, typedIn } from '../ui/form.ts'
import { empty, loaded } from '../ui/loaded.ts'

type Filter = Readonly<Record<string, string>>

type PagedTable = {
  readonly titles: readonly string[]
  readonly filters: readonly HTMLElement[]
  /** What stands there when nothing was found. */
  readonly nothing: string
  /** A page. The filter has only what is set, with `before` for every page but the first. */
  readonly read: (filter: Filter) => Promise<{ rows: readonly HTMLElement[]; next: string | null }>
}

/** A long list of records, newest first: filters above it, and a button for those before. */
export function pagedTable({ titles, filters, nothing, read }: PagedTable): HTMLElement[] {
  const rows = h('tbody', {})
  const more = h('button', { type: 'button', click: () => void readMore() }, 'Show earlier')
  let filter: Record<string, string> = {}
  let next: string | null = null

  function add(page: Awaited<ReturnType<typeof read>>): void {
    rows.append(...page.rows)
    next = page.next
    more.hidden = next === null
  }

  async function readMore(): Promise<void> {
    if (next === null) return
    more.disabled = true
    try {
      add(await read({ ...filter, before: next }))
    } finally {
      more.disabled = false
    }
  }

  const table = loaded(
    async () => await read(filter),
    (page) => {
      rows.replaceChildren()
      add(page)
      return page.rows.length === 0
        ? [empty(nothing)]
        : [tableOf(titles, rows), h('div', { class: 'choices' }, more)]
    },
  )
  const filterForm: HTMLFormElement = form(
    { class: 'filters', change: () => filterForm.requestSubmit() },
    async (typed) => {
      filter = {}
      for (const name of typed.keys()) {
        const value = typedIn(typed, name).trim()
        if (value !== '') filter[name] = value
      }
      await table.again()
    },
    ...filters,
    h('button', {}, 'Refresh'),
  )
  return [filterForm, table.element]
}

/** A table whose columns have titles. */
export function tableOf(titles: readonly string[], rows: HTMLElement): HTMLElement {
  return h(
    'table',
    { class: 'table' },
    h('thead', {}, h('tr', {}, ...titles.map((title) => h('th', { scope: 'col' }, title)))),
    rows,
  )
}

/** One cell; on a narrow screen its title stands before it. */
export function cell(title: string, ...content: readonly Child[]): HTMLElement {
  return h('td', { 'data-title': title }, ...content)
}
