import { post } from '../model/messages.ts'
import type { Model, Opened } from '../model/model.ts'
import { h } from '../ui/dom.ts'
import { icon } from '../ui/icons.ts'
import { mayWrite } from './banner.ts'
import { listed } from './words.ts'

// The place to write. It says which companies will read it, before anything is sent.

const draftsKey = (space: string) => `draft ${space}`

export function composerView(model: Model, opened: Opened): HTMLElement {
  const readers = h('p', { class: 'readers', id: 'readers' })
  const text = h('textarea', {
    'aria-label': 'Message',
    'aria-describedby': 'readers',
    rows: 1,
    maxlength: 16_000,
  })
  const send = h('button', { class: 'main square', 'aria-label': 'Send', title: 'Send' }, icon('send'))
  const view = h('form', { class: 'composer' }, readers, text, send)

  function grow(): void {
    text.rows = Math.min(8, text.value.split('\n').length)
    if (text.value === '') sessionStorage.removeItem(draftsKey(opened.id))
    else sessionStorage.setItem(draftsKey(opened.id), text.value)
  }

  view.addEventListener('submit', (event) => {
    event.preventDefault()
    const written = text.value.trim()
    if (written === '') return
    text.value = ''
    grow()
    text.focus()
    void post(model, opened, written)
  })
  text.addEventListener('input', grow)
  text.addEventListener('keydown', (event) => {
    // Not while an input method is putting a character together.
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
    event.preventDefault()
    view.requestSubmit()
  })

  function draw(): void {
    const isOpen = mayWrite(model, opened)
    // What was typed stays: it can be copied, or sent when this is over.
    text.readOnly = !isOpen
    send.disabled = !isOpen
    text.placeholder = isOpen ? 'Write a message' : 'Nothing can be written here now'
    const others = opened.space.nodes.filter((node) => node !== model.me.node)
    readers.classList.toggle('external', others.length > 0)
    const ours = model.me.organisation ?? model.me.node
    readers.textContent = others.length > 0 ? `Read by ${listed([ours, ...others])}` : `Read by ${ours} only`
  }
  model.on('space', draw, opened)
  draw()
  text.value = sessionStorage.getItem(draftsKey(opened.id)) ?? ''
  grow()
  return view
}
