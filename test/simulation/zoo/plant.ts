import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Product } from '../product.ts'
import { type Bug, bugs } from './bugs.ts'

// A bug of the zoo lives in a copy of the product's modules: all that `product.ts` imports is loaded once more under
// another address, and one place in one of them is written differently. The product itself has no switch for it.

const root = pathToFileURL(fileURLToPath(new URL('../../../', import.meta.url))).href
const mark = 'zoo'
let isHooked = false

/** The product with a bug in it. */
export async function plant(bug: Bug): Promise<Product> {
  const { file, from } = bug.change
  const text = readFileSync(new URL(file, root), 'utf8')
  if (text.split(from).length !== 2) {
    throw new Error(
      `The bug "${bug.name}" does not fit ${file} any more: its place is not there exactly once.`,
    )
  }
  hook()
  const module = (await import(`../product.ts?${mark}=${bug.name}`)) as { product: Product }
  return module.product
}

function hook(): void {
  if (isHooked) return
  isHooked = true
  registerHooks({
    resolve(specifier, context, next) {
      const found = next(specifier, context)
      const name = context.parentURL && new URL(context.parentURL).searchParams.get(mark)
      const isOurs = found.url.startsWith(root) && !found.url.includes('/node_modules/')
      if (!name || !isOurs) return found
      return { ...found, url: `${found.url.split('?')[0]}?${mark}=${name}` }
    },
    load(url, context, next) {
      const loaded = next(url, context)
      const bug = bugs.find(({ name }) => url.endsWith(`?${mark}=${name}`))
      if (!bug || !url.startsWith(`${root}${bug.change.file}?`)) return loaded
      const { from, to } = bug.change
      const source = Buffer.from(loaded.source as Uint8Array).toString()
      return { ...loaded, source: source.replace(from, () => to) }
    },
  })
}
