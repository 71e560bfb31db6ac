import type { Section } from '../frame/sections.ts'
import { invitingPage } from './inviting.ts'
import { profilePage } from './profile.ts'
import { signingInPage } from './signing-in.ts'
import { unsentPage } from './unsent.ts'

export const settingsSections: readonly Section[] = [
  { name: 'profile', text: 'Profile', icon: 'person', view: profilePage },
  { name: 'sign-in', text: 'Signing in', icon: 'key', view: signingInPage },
  { name: 'inviting', text: 'Who may invite me', icon: 'invitation', view: invitingPage },
  { name: 'unsent', text: 'Not delivered', icon: 'warning', view: unsentPage },
]
