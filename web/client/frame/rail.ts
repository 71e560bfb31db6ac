import { isUnread, type Model } from '../model/model.ts'
import { isAdmin } from '../model/watch.ts'
import { h } from '../ui/dom.ts'
import { icon, type IconName } from '../ui/icons.ts'

type Stop = {
  readonly path: string
  readonly text: string
  readonly icon: IconName
  /** How many things wait there. */
  readonly count?: (model: Model) => number
  readonly isFor?: (model: Model) => boolean
}

const stops: readonly Stop[] = [
  { path: '', text: 'Inbox', icon: 'inbox', count: ({ spaces }) => spaces.filter(isUnread).length },
  {
    path: 'invitations',
    text: 'Invitations',
    icon: 'invitation',
    count: ({ invitations }) => invitations.filter(({ status }) => status === 'open').length,
  },
  { path: 'people', text: 'People', icon: 'people' },
  { path: 'settings', text: 'Settings', icon: 'settings' },
  { path: 'admin', text: 'Admin', icon: 'shield', isFor: isAdmin, count: ({ waiting }) => waiting },
]

/** The places of the workspace: a column on the left, on a narrow screen a row at the bottom. */
export function railView(model: Model): HTMLElement {
  const links = stops
    .filter(({ isFor }) => isFor === undefined || isFor(model))
    .map((stop) => ({ stop, link: h('a', { href: `#${stop.path}`, class: 'stop' }) }))

  function draw(): void {
    const [first = ''] = location.hash.slice(1).split('/')
    const current = first.startsWith('s_') ? '' : first
    for (const { stop, link } of links) {
      if (stop.path === current) link.setAttribute('aria-current', 'page')
      else link.removeAttribute('aria-current')
      const count = stop.count?.(model) ?? 0
      link.replaceChildren(icon(stop.icon), h('span', {}, stop.text))
      if (count > 0) {
        const shown = count > 99 ? '99+' : String(count)
        link.append(h('span', { class: 'count' }, shown, h('span', { class: 'for-ears' }, ' waiting')))
      }
    }
  }
  model.on('inbox', draw)
  model.on('invitations', draw)
  model.on('waiting', draw)
  model.on('place', draw)
  draw()
  return h('nav', { class: 'rail', 'aria-label': 'Workspace' }, ...links.map(({ link }) => link))
}
