import { type Mailbox, openMailbox } from '../helpers/mailbox.ts'
import { idOf, network, type Network } from '../helpers/network.ts'
import type { Person } from '../helpers/person.ts'

// What a scenario knows: its companies, its people and the spaces by their titles, and the letters that came.

export class Story implements AsyncDisposable {
  readonly net: Network
  readonly mailbox: Mailbox
  readonly companies: readonly string[]
  readonly #people = new Map<string, Person>()
  readonly #spaces = new Map<string, string>()

  private constructor(net: Network, mailbox: Mailbox, companies: readonly string[]) {
    this.net = net
    this.mailbox = mailbox
    this.companies = companies
  }

  /** Each company sends real mail, and speaks for the mail domain of its name. */
  static async open(companies: readonly string[]): Promise<Story> {
    const mailbox = await openMailbox()
    const settings = companies.map((name) => {
      const emailDomains = [idOf(name)] as never
      return [name, { mail: { ...mailbox.settings, from: `parley@${idOf(name)}` }, emailDomains }] as const
    })
    const net = await network(companies, { settings: Object.fromEntries(settings) })
    return new Story(net, mailbox, companies)
  }

  meet(name: string, person: Person): void {
    this.#people.set(name, person)
  }

  person(name: string): Person {
    return found(this.#people.get(name), `a person called ${name}`)
  }

  /** The first of a company owns its workspace. */
  ownerOf(company: string): Person {
    const first = [...this.#people.values()].find(({ id }) => id.endsWith(`@${idOf(company)}`))
    return found(first, `somebody of ${company}`)
  }

  name(title: string, space: string): void {
    this.#spaces.set(title, space)
  }

  space(title: string): string {
    return found(this.#spaces.get(title), `a space called "${title}"`)
  }

  titleOf(space: string): string | undefined {
    return [...this.#spaces].find(([, id]) => id === space)?.[0]
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.net[Symbol.asyncDispose]()
    } finally {
      await this.mailbox[Symbol.asyncDispose]()
    }
  }
}

function found<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`The scenario has not spoken of ${what} before.`)
  return value
}

/** A sentence, whole, and what it does with the words in its parentheses. */
export type Step = readonly [sentence: RegExp, run: (story: Story, ...words: string[]) => Promise<void>]
