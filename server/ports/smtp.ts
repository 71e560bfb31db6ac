import { createTransport } from 'nodemailer'
import type { Activity } from './activity.ts'
import type { Delivery, Mail, OutgoingMail } from './mail.ts'

export type SmtpSettings = {
  /** `smtp://` or `smtps://`. */
  readonly url: string
  readonly from: string
  readonly timeoutMs: number
  readonly activity: Activity
}

/** Sends by SMTP. */
export function openSmtp({ url, from, timeoutMs, activity }: SmtpSettings): Mail {
  const transport = createTransport({
    url,
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    // Mails are texts of ours. Nothing in them may ever make the mailer read a file or an address.
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  const domain = from.slice(from.lastIndexOf('@') + 1)

  async function send({ id, to, ...mail }: OutgoingMail): Promise<Delivery> {
    try {
      await transport.sendMail({
        ...mail,
        // As objects: an address in a string would be parsed by rules that are not ours (T-80).
        from: { name: '', address: from },
        to: { name: '', address: to },
        envelope: { from, to: [to] },
        messageId: `<${id}@${domain}>`,
        headers: { 'Auto-Submitted': 'auto-generated' },
      })
      return { do: 'sent' }
    } catch (error) {
      return deliveryOf(error)
    }
  }

  return {
    isOn: true,
    send: async (mail) => await activity.track(send(mail)),
    close: () => transport.close(),
  }
}

/** The answer of a mail server repeats the address, so only its number is told. */
function deliveryOf(error: unknown): Delivery {
  const { code, responseCode } = error as { code?: string; responseCode?: number }
  const why = responseCode === undefined ? (code ?? 'unknown') : `smtp-${responseCode}`
  // What is wrong with the way in may be mended; what is wrong with a mail is wrong for ever.
  const isFinal = responseCode !== undefined && responseCode >= 500 && code !== 'EAUTH'
  return isFinal ? { do: 'refused', why } : { do: 'failed', why }
}
