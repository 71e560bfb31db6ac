import { SMTPServer } from 'smtp-server'
import type { Config } from '#server/config.ts'

// A mail server on a socket of its own, which takes mails for whoever they are to, or says what it was told to say.

export type ReceivedMail = {
  readonly to: readonly string[]
  readonly from: string
  /** As it came. */
  readonly raw: string
  readonly subject: string
  readonly text: string
  readonly html: string
  /** The link in it. */
  readonly link: string
  /** What stands behind the number sign of the link: `invitation=TOKEN`. */
  readonly token: string
  readonly code: string
}

export type Mailbox = AsyncDisposable & {
  /** For a node's Config. */
  readonly settings: NonNullable<Config['mail']>
  readonly mails: readonly ReceivedMail[]
  to(address: string): readonly ReceivedMail[]
  /** The answer to every recipient from now on: a refusal for good or for now. */
  refuse(code: 450 | 550 | undefined): void
}

export async function openMailbox(): Promise<Mailbox> {
  const mails: ReceivedMail[] = []
  let refusal: number | undefined
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    logger: false,
    onRcptTo(_address, _session, done) {
      if (refusal === undefined) done()
      else done(Object.assign(new Error('No.'), { responseCode: refusal }))
    },
    onData(stream, { envelope }, done) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        const from = envelope.mailFrom === false ? '' : envelope.mailFrom.address
        const to = envelope.rcptTo.map(({ address }) => address)
        mails.push(read(Buffer.concat(chunks).toString(), { from, to }))
        done()
      })
    },
  })
  const socket = server.listen(0, '127.0.0.1')
  await new Promise<void>((resolve) => socket.once('listening', resolve))
  const { port } = socket.address() as { port: number }
  return {
    settings: { url: `smtp://127.0.0.1:${port}`, from: 'parley@acme.test' },
    mails,
    to: (address) => mails.filter((mail) => mail.to.includes(address)),
    refuse: (code) => (refusal = code),
    [Symbol.asyncDispose]: async () => await new Promise<void>((resolve) => server.close(resolve)),
  }
}

function read(raw: string, envelope: Pick<ReceivedMail, 'from' | 'to'>): ReceivedMail {
  const text = partOf(raw, 'text/plain')
  const link = /https?:\/\/\S+/.exec(text)?.[0] ?? ''
  return {
    ...envelope,
    raw,
    subject: /^Subject: (.*)$/m.exec(raw)?.[1]?.trim() ?? '',
    text,
    html: partOf(raw, 'text/html'),
    link,
    token: link.slice(link.indexOf('=') + 1),
    code: /^ *(\d{6})$/m.exec(text)?.[1] ?? '',
  }
}

/** One part of a mail, decoded. */
function partOf(raw: string, type: string): string {
  const boundary = /boundary="([^"]+)"/.exec(raw)?.[1] ?? ''
  const part = raw.split(`--${boundary}`).find((each) => each.includes(`Content-Type: ${type}`)) ?? ''
  const [head = '', ...body] = part.replaceAll('\r\n', '\n').trimStart().split('\n\n')
  const encoded = body.join('\n\n')
  if (/quoted-printable/i.test(head)) {
    const bytes = encoded
      .replaceAll('=\n', '')
      .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    return Buffer.from(bytes, 'latin1').toString()
  }
  return /base64/i.test(head) ? Buffer.from(encoded, 'base64').toString() : encoded
}
