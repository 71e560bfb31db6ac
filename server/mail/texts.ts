import type { Context } from '#server/context.ts'

// The mails we write, in text and in HTML. They hold no word that a person chose: no name, no title, no note. What
// somebody may not say in our name to a stranger's mailbox they cannot say at all; who invites to what is shown on the
// page behind the link. The organisation's label is the operator's.

export type MailText = { readonly subject: string; readonly text: string; readonly html: string }

/** Who writes: the workspace by its domain, and by the company's name where its operator gave one. */
function senderOf({ node, config }: Context): string {
  return config.organisation === undefined ? node : `${config.organisation} (${node})`
}

export function invitationMail(context: Context, link: string): MailText {
  const sender = senderOf(context)
  return mailOf({
    subject: `Invitation to a conversation at ${context.node}`,
    paragraphs: [
      `Somebody at ${sender} invites you to a conversation on Parley.`,
      'Behind the link you see who it is, and choose: take part with a workspace of your own, or with a free account.',
    ],
    link: { label: 'See the invitation', url: link },
    small: [
      'The link is for you alone, works once, and is good for seven days. Opening it accepts nothing.',
      'If you do not know anybody there, ignore this mail: nothing happens.',
    ],
  })
}

export function codeMail(context: Context, code: string): MailText {
  return mailOf({
    // Not the code: subjects are shown on locked screens, and kept in the outbox.
    subject: `Your code for ${context.node}`,
    paragraphs: [`Your code for ${senderOf(context)} is:`],
    code,
    small: [
      'It is good for ten minutes, and only in the window where it was asked for.',
      'If you did not ask for it, ignore this mail. Nobody from there will ever ask you for the code.',
    ],
  })
}

export function enrolmentMail(context: Context, link: string): MailText {
  return mailOf({
    subject: `Your account at ${context.node}`,
    paragraphs: [`${senderOf(context)} has a workspace on Parley, and a place in it is yours.`],
    link: { label: 'Make the account', url: link },
    small: ['The link is for you alone, works once, and is good for seven days.'],
  })
}

type Parts = {
  readonly subject: string
  readonly paragraphs: readonly string[]
  readonly code?: string
  readonly link?: { readonly label: string; readonly url: string }
  readonly small: readonly string[]
}

function mailOf({ subject, paragraphs, code, link, small }: Parts): MailText {
  const emphasised = code ?? link?.url ?? ''
  const text = `${[...paragraphs, `    ${emphasised}`, ...small].join('\n\n')}\n`
  const html = [
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="color-scheme" content="light dark">',
    `<title>${escape(subject)}</title></head>`,
    '<body style="font:16px/1.5 system-ui,sans-serif;max-width:34em;margin:2em auto;padding:0 1em">',
    ...paragraphs.map((paragraph) => `<p>${escape(paragraph)}</p>`),
    ...(code === undefined
      ? []
      : [`<p style="font-size:2em;letter-spacing:.2em"><strong>${escape(code)}</strong></p>`]),
    ...(link === undefined ? [] : [`<p><a href="${escape(link.url)}">${escape(link.label)}</a></p>`]),
    ...(link === undefined
      ? []
      : [`<p style="font-size:.85em;word-break:break-all">${escape(link.url)}</p>`]),
    ...small.map((paragraph) => `<p style="font-size:.85em">${escape(paragraph)}</p>`),
    '</body></html>',
  ].join('\n')
  return { subject, text, html: `${html}\n` }
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
