import { adminSections } from '../admin/sections.ts'
import { invitationsPage } from '../invite/invitations.ts'
import type { Model } from '../model/model.ts'
import { peoplePage } from '../people/page.ts'
import { settingsSections } from '../settings/sections.ts'
import type { Section } from './sections.ts'

// What can be shown beside the inbox, or in its place, by the first word of the address.

type PageOf = (model: Model, rest: readonly string[]) => HTMLElement

export const singlePages: Readonly<Record<string, PageOf>> = {
  invitations: invitationsPage,
  people: peoplePage,
}

export const sectionedPages: Readonly<Record<string, { title: string; sections: readonly Section[] }>> = {
  settings: { title: 'Settings', sections: settingsSections },
  admin: { title: 'Administration', sections: adminSections },
}
