import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openEmbedded, stopEmbedded } from '#server/db/embedded.ts'

const prefix = 'parley-bench-'
const logger = {
  info() {},
  warn(_fields: object, sentence: string) {
    console.warn(sentence)
  },
}

/** A PostgreSQL of one server under test, with a directory for whatever else that server keeps. */
export type Cluster = {
  readonly url: string
  readonly pid: number
  readonly directory: string
  stop(): Promise<void>
}

/**
 * Starts the product's own embedded PostgreSQL with its own, durable settings. Every server under test gets one
 * of its own, floor or product: so what it costs is known apart, and nobody works off another's checkpoints.
 */
export async function openCluster(settings: Readonly<Record<string, string>> = {}): Promise<Cluster> {
  const directory = mkdtempSync(join(tmpdir(), prefix))
  // As root, PostgreSQL runs as somebody else, who has to get in.
  chmodSync(directory, 0o711)
  const { url, pid, stop } = await openEmbedded({ dataDirectory: directory, settings, logger })
  return {
    url,
    pid,
    directory,
    async stop() {
      await stop()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

/** Ends what runs that were killed have left behind. */
export async function sweepClusters(): Promise<void> {
  for (const name of readdirSync(tmpdir())) {
    const directory = join(tmpdir(), name)
    if (!name.startsWith(prefix) || !existsSync(join(directory, 'postgres', 'owner.lock'))) continue
    try {
      await stopEmbedded({ dataDirectory: directory, logger })
      rmSync(directory, { recursive: true, force: true })
    } catch {
      // It belongs to a run that goes on.
    }
  }
}
