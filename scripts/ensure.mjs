// Installs what package-lock.json names, unless it is there already, and then runs the
// program it is given in the Node that came with it: node scripts/ensure.mjs scripts/test.ts
//
// It runs before everything else, so it is plain JavaScript without packages, for Node 20
// and later. It is no pretest script, because npm leaves those out for people who have
// forbidden install scripts.

import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { handOver, isNewEnough } from './hand-over.mjs'

const checkout = fileURLToPath(new URL('..', import.meta.url))
const marker = join(checkout, 'node_modules', '.parley-installed')
// npm removes node_modules first, so the lock cannot lie in there.
const lock = join(checkout, '.install-lock')
const lockPollMs = 200

const wanted = describe()
if (!isInstalled()) {
  refuseUnsupportedPlatform()
  await takeLock()
  try {
    // Another start may have done it in the meantime.
    if (!isInstalled()) install()
  } finally {
    rmSync(lock, { force: true })
  }
}
const program = process.argv.slice(2)
if (isInstalled() && program.length > 0) handOver(program)

function describe() {
  const hash = createHash('sha256')
    .update(readFileSync(join(checkout, 'package-lock.json')))
    .digest('hex')
  // A checkout may be shared with a container of another kind.
  return `${hash} ${process.platform}-${process.arch}\n`
}

function isInstalled() {
  return existsSync(marker) && readFileSync(marker, 'utf8') === wanted
}

function install() {
  console.log('Installing what Parley needs; this is done once and takes about a minute.')
  const startedAt = performance.now()
  const npm = npmCommand()
  const flags = ['ci', '--loglevel=error', '--no-audit', '--no-fund']
  const everything = ['--include=dev', '--include=optional', '--ignore-scripts']
  const result = spawnSync(npm.program, [...npm.args, ...flags, ...everything], {
    cwd: checkout,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  if (result.status !== 0) {
    console.error(
      `The installation failed: npm ci ${result.error?.message ?? `ended with ${result.status}`}.`,
    )
    process.exitCode = 1
    return
  }
  writeFileSync(marker, wanted)
  console.log(`Installed in ${Math.round((performance.now() - startedAt) / 1000)} s.`)
}

function npmCommand() {
  const script = process.env.npm_execpath
  if (script?.endsWith('.js')) return { program: process.execPath, args: [script] }
  return { program: 'npm', args: [] }
}

function refuseUnsupportedPlatform() {
  if (isNewEnough() || bringsNode()) return
  console.error(
    `Parley brings its own Node 26 for Linux with glibc, macOS and Windows, but not for ${process.platform}-${process.arch} ` +
      'as it is here: install Node 26 or later and try again.',
  )
  process.exit(1)
}

function bringsNode() {
  const { optionalDependencies } = JSON.parse(readFileSync(join(checkout, 'package.json'), 'utf8'))
  const platform = `${process.platform}-${process.arch}`
  const named = [`node-${platform}`, `node-bin-${platform}`].some((name) => name in optionalDependencies)
  return (
    named && (process.platform !== 'linux' || Boolean(process.report.getReport().header.glibcVersionRuntime))
  )
}

async function takeLock() {
  // The lock appears with its holder in it: a linked file is never seen half written.
  const ours = `${lock}.${process.pid}`
  writeFileSync(ours, `${process.pid}`)
  try {
    for (let told = false; !tryLock(ours); told = true) {
      if (!told) console.log('Another start is installing; waiting for it.')
      await sleep(lockPollMs)
    }
  } finally {
    rmSync(ours)
  }
}

function tryLock(ours) {
  try {
    linkSync(ours, lock)
    return true
  } catch (error) {
    if (error.code !== 'EEXIST') throw error
  }
  if (!isHeld()) rmSync(lock, { force: true })
  return false
}

function isHeld() {
  try {
    process.kill(Number(readFileSync(lock, 'utf8')), 0)
    return true
  } catch (error) {
    // A process of another user is alive too.
    return error.code === 'EPERM'
  }
}
