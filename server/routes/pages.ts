import helmet from '@fastify/helmet'
import type { Context } from '#server/context.ts'
import type { App } from './serve.ts'

/**
 * What a browser may do on the pages of this scope: load what this node serves and talk to it, nothing else. Data has
 * a stricter policy, which is set for every answer in app.ts.
 */
export async function protectPages(
  app: App,
  { config }: Context,
  { styles = ["'self'"] }: { readonly styles?: string[] } = {},
): Promise<void> {
  const isSecure = config.publicUrl.protocol === 'https:'
  // helmet writes beneath the headers that are set for data, which would win.
  app.addHook('onRequest', (_request, reply, done) => {
    reply.removeHeader('content-security-policy').removeHeader('cache-control')
    done()
  })
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        imgSrc: ["'self'", 'data:', 'blob:'],
        styleSrc: styles,
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
        // On a plain-HTTP page this would send the browser to an https that is not there.
        upgradeInsecureRequests: isSecure ? [] : null,
      },
    },
    strictTransportSecurity: isSecure,
  })
}
