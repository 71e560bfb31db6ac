import type { NodeId } from '#schema/ids.ts'
import type { Model, Opened } from '../model/model.ts'
import { addColleague, inviteExternal, refreshOpened, refreshSpaces } from '../model/spaces.ts'
import { titleOf } from '../space/words.ts'
import { openDialog } from '../ui/dialog.ts'
import { h } from '../ui/dom.ts'
import { field, form, typedIn } from '../ui/form.ts'

/** The dialog that brings people into the open space: colleagues at once, others by invitation. */
export function showInviting(model: Model, opened: Opened): void {
  // No surprise meeting: a company that was not here is named, and its coming confirmed, before anybody is asked.
  const warning = h('p', { class: 'warning', role: 'status', hidden: true })
  const button = h('button', { class: 'main' }, 'Add')
  let confirmed: string | undefined

  function rest(): void {
    confirmed = undefined
    warning.hidden = true
    button.textContent = 'Add'
  }

  openDialog(`Add people to “${titleOf(opened.space)}”`, (close) => [
    form(
      {},
      async (typed) => {
        const who = typedIn(typed, 'who').trim().toLowerCase()
        const node = /^@[^:]+:(.+)$/.exec(who)?.[1]
        const isNewCompany = node !== undefined && !opened.space.nodes.includes(node as NodeId)
        if (isNewCompany && confirmed !== who) {
          confirmed = who
          warning.textContent = `${node} was not in this so far. It will get everything that was written here.`
          warning.hidden = false
          button.textContent = 'Invite anyway'
          return
        }
        await (node === undefined
          ? addColleague(opened.id, who.replace(/^@/, ''))
          : inviteExternal(opened.id, who))
        await Promise.all([refreshSpaces(model), refreshOpened(model)])
        close()
      },
      field(
        'Who',
        {
          name: 'who',
          required: true,
          autofocus: true,
          autocomplete: 'off',
          autocapitalize: 'none',
          input: rest,
        },
        'A colleague’s handle, or @name:company.example',
      ),
      warning,
      h('div', { class: 'choices' }, h('button', { type: 'button', click: close }, 'Cancel'), button),
    ),
  ])
}
