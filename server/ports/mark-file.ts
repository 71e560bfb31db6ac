import { closeSync, existsSync, fsyncSync, mkdirSync, openSync } from 'node:fs'
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { NodeId } from '#schema/ids.ts'

// The mark beside the database: which incarnation of the node wrote last, how far it had come, and who may hold
// something of it. A database that is put back from a backup does not bring it along, which is how that is noticed.

export type Mark = {
  readonly v: 1
  readonly incarnation: string
  /** Of the database, when the mark was written; never ahead of what was committed there. */
  readonly tick: number
  /** Nodes that may hold what we have signed. */
  readonly nodes: readonly NodeId[]
}

export type MarkFile = {
  /** Undefined when there is none. Throws when there is something else in its place. */
  read(): Mark | undefined
  /** All of it or nothing, on disk when it returns. */
  write(mark: Mark): void
}

const name = 'incarnation.json'

/** The file in the data directory of a node. */
export function openMarkFile(dataDirectory: string): MarkFile {
  const path = join(dataDirectory, name)
  return {
    read() {
      if (!existsSync(path)) return undefined
      const mark = parse(readFileSync(path, 'utf8'))
      if (mark) return mark
      throw new Error(
        `${path} cannot be read as what it should be. Take it away: the node then asks its partners what it has said.`,
      )
    },
    write(mark) {
      mkdirSync(dataDirectory, { recursive: true })
      const draft = `${path}.${process.pid}`
      writeFileSync(draft, `${JSON.stringify(mark)}\n`, { mode: 0o600, flush: true })
      renameSync(draft, path)
      const directory = openSync(dirname(path), 'r')
      try {
        fsyncSync(directory)
      } finally {
        closeSync(directory)
      }
    },
  }
}

function parse(text: string): Mark | undefined {
  try {
    const { v, incarnation, tick, nodes } = JSON.parse(text) as Record<string, unknown>
    const isMark = v === 1 && typeof incarnation === 'string' && Number.isSafeInteger(tick)
    return isMark ? { v, incarnation, tick: tick as number, nodes: NodeId.array().parse(nodes) } : undefined
  } catch {
    return undefined
  }
}

/** One that lives in memory only. */
export function memoryMark(): MarkFile {
  let kept: Mark | undefined
  return {
    read: () => kept,
    write: (mark) => {
      kept = mark
    },
  }
}
