import { compileFunction } from 'node:vm'
import fastify, { type LightMyRequestResponse } from 'fastify'
import t from 'tap'
import { webRoutes } from '#server/routes/web.ts'

t.test('the page', async (t) => {
  const app = fastify()
  webRoutes(app)
  t.teardown(async () => await app.close())
  const get = async (url: string, headers = {}): Promise<LightMyRequestResponse> =>
    await app.inject({ url, headers })

  await t.test('runs nothing that is inline or from elsewhere', async (t) => {
    const page = await get('/')
    t.match(page.headers['content-type'], 'text/html')
    const policy = String(page.headers['content-security-policy'])
    t.match(policy, "default-src 'none'")
    t.match(policy, "script-src 'self';")
    t.notMatch(policy, 'unsafe')
    t.notMatch(page.body, /<script(?![^>]* src="\/client\/)|<style|\son\w+=|style=/)
  })

  await t.test('serves every module that it imports, as JavaScript without types', async (t) => {
    const known = new Set<string>()
    const waiting = ['/client/main.ts']
    for (let url = waiting.pop(); url !== undefined; url = waiting.pop()) {
      if (known.has(url)) continue
      known.add(url)
      const module = await get(url)
      t.equal(module.statusCode, 200, url)
      t.match(module.headers['content-type'], 'text/javascript')
      t.doesNotThrow(() => parse(module.body), 'a browser can read it')
      for (const [, name] of module.body.matchAll(/^(?:import |} )[^;']*from '(.*)'$/gm)) {
        t.match(name, /^\.\.?\//, 'nothing but files of the page')
        waiting.push(new URL(name!, new URL(url, 'http://page')).pathname)
      }
    }
    t.ok(known.size > 10)
    t.ok(
      [...known].every((url) => url.startsWith('/client/')),
      'nothing from elsewhere',
    )
  })

  await t.test('is not sent again to a browser that has it', async (t) => {
    const first = await get('/client/style/base.css')
    const again = await get('/client/style/base.css', { 'if-none-match': first.headers.etag })
    t.equal(again.statusCode, 304)
    t.equal(again.body, '')
  })
})

/** Throws where the text is no JavaScript. Imports and exports are put away, since functions hold none. */
function parse(module: string): void {
  const body = module.replace(/^import [^]*?from '.*'$/gm, '').replace(/^export /gm, '')
  compileFunction(`return async () => {${body}\n}`)
}
