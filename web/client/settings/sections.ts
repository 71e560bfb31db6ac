import type { Section } from '../frame/sections.ts'
import { profilePage } from './profile.ts'

export const settingsSections: readonly Section[] = [
  { name: 'profile', text: 'Profile', icon: 'person', view: profilePage },
]
