import { isOver, type Model, type Opened } from '../model/model.ts'
import { h, replace } from '../ui/dom.ts'
import { icon, type IconName } from '../ui/icons.ts'
import { listed } from './words.ts'

// Why something cannot be written just now, above the log: said once, in words, while it lasts.

export function bannersView(model: Model, opened: Opened): HTMLElement {
  const element = h('div', { class: 'banners', role: 'status' })
  function draw(): void {
    replace(
      element,
      ...bannersOf(opened).map(([sign, sentence]) => h('p', {}, icon(sign), h('span', {}, sentence))),
    )
  }
  model.on('space', draw, opened)
  draw()
  return element
}

function bannersOf({ space }: Opened): [IconName, string][] {
  const banners: [IconName, string][] = []
  const { beginning, host } = space
  if (beginning?.state === 'refused')
    banners.push([
      'warning',
      `${host} did not take this thread: ${beginning.code ?? 'no reason'}. Only you see it; your words are in your settings, under “Not delivered”.`,
    ])
  else if (beginning?.state === 'expired')
    banners.push([
      'warning',
      `${host} was away too long for this thread. Only you see it; your words are in your settings, under “Not delivered”.`,
    ])
  else if (beginning)
    banners.push(['pause', `This thread waits for ${host}, which hosts it. Until then only you see it.`])
  if (space.held.length > 0)
    banners.push([
      'pause',
      `${listed(space.held)} arrived here, and your administrator has not agreed yet. Until then nobody at your company can write, and what they write is not shown.`,
    ])
  if (space.frozen === 'retired')
    banners.push([
      'lock',
      'Your company has closed its server for others. This is how it was last, and read-only.',
    ])
  else if (space.frozen !== null)
    banners.push([
      'warning',
      `Not everybody holds the same history of this, so it was stopped here. You can read what is here, and nobody at your company can write. Your administrator sees why.`,
    ])
  if (space.access === 'outage')
    banners.push([
      'warning',
      `${space.host} does not answer. You can read what is here, and write again when it is back.`,
    ])
  if (space.access === 'archive')
    banners.push([
      'lock',
      `${space.host} has closed, or has not answered for a month. This is how it was last, and read-only.`,
    ])
  if (space.locked && space.repliesOff)
    banners.push(['lock', 'This is frozen: everybody can read it, and nobody can write.'])
  else if (space.repliesOff)
    banners.push(['lock', 'Replies are off: everybody can read, and nobody can write.'])
  else if (space.locked)
    banners.push(['lock', 'This is locked: its subject and who takes part stay as they are.'])
  return banners
}

/** May I write now? Why not stands in the banner. */
export function mayWrite(model: Model, { space }: Opened): boolean {
  const mine = space.members.find(({ person }) => person.id === model.me.id)
  const isStopped =
    (space.beginning !== null && isOver(space.beginning)) ||
    space.repliesOff ||
    space.held.length > 0 ||
    space.frozen !== null
  return !isStopped && space.access === 'open' && mine?.role !== 'reader'
}
