// Pictures of one line each, drawn in the colour of the text beside them. They are never the only sign of something.

const paths = {
  inbox: 'M3 13h5l1.5 3h5L16 13h5M5.5 5h13L21 13v6H3v-6z',
  invitation: 'M3 6h18v12H3zM3.5 6.5 12 13l8.5-6.5',
  people:
    'M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2.5 20c0-4 3-6 6.5-6s6.5 2 6.5 6M16 4.5a3.5 3.5 0 0 1 0 6.5M18 14.5c2.2 .8 3.5 2.8 3.5 5.5',
  person: 'M12 11a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4 21c0-4.5 3.5-7 8-7s8 2.5 8 7',
  settings: 'M4 7h9M17 7h3M4 17h3M11 17h9M15 4.5v5M9 14.5v5',
  shield: 'M12 3l8 3v6c0 4.5-3.5 7.5-8 9-4.5-1.5-8-4.5-8-9V6z',
  plus: 'M12 5v14M5 12h14',
  close: 'M6 6l12 12M18 6 6 18',
  back: 'M15 5l-7 7 7 7',
  next: 'M9 5l7 7-7 7',
  more: 'M5 12h.01M12 12h.01M19 12h.01',
  check: 'M5 12.5l4.5 4.5L19 7.5',
  clock: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 7v5l3.5 2',
  company: 'M4 21V5l8-2v18M12 9h8v12M3 21h18M7.5 8.5h1M7.5 12.5h1M7.5 16.5h1M15.5 13h1M15.5 17h1',
  key: 'M8 20a5 5 0 1 0 0-10 5 5 0 0 0 0 10zM11.5 11.5 20 3M16 7l3.5 3.5',
  lock: 'M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3',
  search: 'M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM16 16l4.5 4.5',
  group: 'M9 4 7 20M17 4l-2 16M4 9h17M3 15h17',
  thread: 'M4 5h16v11H10l-4 4v-4H4z',
  direct: 'M4 5h16v11H10l-4 4v-4H4zM8.5 10.5h.01M12 10.5h.01M15.5 10.5h.01',
  warning: 'M12 4 2.5 20h19zM12 10v4.5M12 17.3v.01',
  leave: 'M14 4H5v16h9M10 12h11M17 8l4 4-4 4',
  remove: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM8 12h8',
  log: 'M5 4h14v16H5zM8.5 8.5h7M8.5 12h7M8.5 15.5h4',
  rules: 'M4 6h10M4 12h7M4 18h9M16 15l2 2 4-4.5',
  send: 'M4 12 20 4l-5 16-3.5-6.5z',
  link: 'M10 14a4 4 0 0 0 6 .5l3-3a4 4 0 0 0-5.7-5.7L12 7M14 10a4 4 0 0 0-6-.5l-3 3a4 4 0 0 0 5.7 5.7L12 17',
  pause: 'M9 5v14M15 5v14',
} as const

export type IconName = keyof typeof paths

const svgNamespace = 'http://www.w3.org/2000/svg'

export function icon(name: IconName): SVGElement {
  const svg = document.createElementNS(svgNamespace, 'svg')
  svg.setAttribute('viewBox', '0 0 24 24')
  svg.setAttribute('class', 'icon')
  svg.setAttribute('aria-hidden', 'true')
  const path = document.createElementNS(svgNamespace, 'path')
  path.setAttribute('d', paths[name])
  svg.append(path)
  return svg
}
