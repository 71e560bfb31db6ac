/** The way out for e-mail. What is sent, to whom and when again is decided by the outbox. */
export type Mail = {
  /** False without a mail server: then mails wait for somebody who administers the machine. */
  readonly isOn: boolean
  send(mail: OutgoingMail): Promise<Delivery>
  close(): void
}

export type OutgoingMail = {
  /** The same for every attempt, so that a mailbox can tell a repeat. */
  readonly id: string
  readonly to: string
  readonly subject: string
  readonly text: string
  readonly html: string
}

/** Taken by the mail server, refused by it for good, or to be tried again. `why` holds no address and no text. */
export type Delivery =
  | { readonly do: 'sent' }
  | { readonly do: 'refused'; readonly why: string }
  | { readonly do: 'failed'; readonly why: string }

/** Without a mail server. */
export const noMail: Mail = {
  isOn: false,
  send: async () => ({ do: 'failed', why: 'off' }),
  close() {},
}
