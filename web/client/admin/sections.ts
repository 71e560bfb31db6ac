import type { Section } from '../frame/sections.ts'
import { enrolmentPage } from './enrolment.ts'
import { exchangesPage } from './exchanges.ts'
import { partnersPage } from './partners.ts'

export const adminSections: readonly Section[] = [
  { name: 'partners', text: 'Partners', icon: 'company', view: partnersPage },
  { name: 'people', text: 'People', icon: 'people', view: enrolmentPage },
  { name: 'log', text: 'Federation log', icon: 'log', view: exchangesPage },
]
