import type { explain } from '#schema/api/why.ts'
import type { Explanation, Why } from '#schema/why.ts'
import { pageView } from '../frame/page.ts'
import { addressOf } from '../frame/place.ts'
import { call, Problem } from '../model/api.ts'
import type { Model } from '../model/model.ts'
import { type Child, h } from '../ui/dom.ts'
import { field, form, typedIn } from '../ui/form.ts'
import { empty, loaded } from '../ui/loaded.ts'
import { exchangeTable } from './exchanges.ts'
import { whyLink } from './why-link.ts'

/** Why something is as it is: a box to ask in, and what the node says to it. */
export function whyPage(_model: Model, [id]: readonly string[]): HTMLElement {
  return pageView(
    {
      title: 'Why?',
      about: 'What became of something, what stands in its way, and what would help. Times are UTC.',
      back: '#admin',
      isWide: true,
    },
    box(id),
    id === undefined ? empty('Nothing was asked yet.') : answerTo(id),
  )
}

function box(id = ''): HTMLElement {
  return form(
    { class: 'inline' },
    async (typed) => {
      const asked = typedIn(typed, 'id').trim()
      if (asked !== '') location.hash = addressOf('admin', 'why', asked)
    },
    field(
      'What about?',
      { name: 'id', required: true, type: 'search', value: id, autocapitalize: 'none', autocomplete: 'off' },
      'A message, a space, a person by their ids, a company by its domain, or the instance of a problem.',
    ),
    h('button', { class: 'main' }, 'Ask'),
  )
}

function answerTo(id: string): HTMLElement {
  return loaded(
    async () => await read(id),
    (explanations, again) =>
      explanations.length === 0
        ? [empty('Nothing here has this id. What was forgotten or deleted is not known any more.')]
        : [
            ...explanations.map(view),
            h(
              'div',
              { class: 'choices' },
              h('button', { type: 'button', click: () => void again() }, 'Ask again'),
            ),
          ],
  ).element
}

async function read(id: string): Promise<Explanation[]> {
  try {
    const asked = { method: 'GET', url: '/api/why/:id', params: { id } } as const
    return (await call<typeof explain>(asked)).explanations
  } catch (error) {
    if (error instanceof Problem && error.code === 'not-found') return []
    throw error
  }
}

function view({ why, sentences }: Explanation): HTMLElement {
  const attempts = attemptsOf(why)
  return h(
    'section',
    { class: 'card' },
    h('ul', { class: 'sentences' }, ...sentences.map((sentence) => h('li', {}, ...linked(sentence)))),
    attempts.length > 0 && h('h3', {}, 'The last exchanges'),
    attempts.length > 0 && exchangeTable(attempts),
  )
}

function attemptsOf(why: Why): Extract<Why, { about: 'peer' }>['attempts'] {
  if (why.about === 'exchange') return [why.exchange]
  return 'attempts' in why ? why.attempts : []
}

const ids =
  /(s_[\w-]{43}|u_[a-z2-7]{26}@[a-z0-9-]+(?:\.[a-z0-9-]+)+|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/

/** Whatever has an id can be asked about in turn. */
function linked(sentence: string): Child[] {
  return sentence.split(ids).map((part) => (ids.test(part) ? whyLink(part, part) : part))
}
