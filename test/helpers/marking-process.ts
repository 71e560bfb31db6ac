import { openDb } from '#server/db/open.ts'
import { detect } from '#server/peers/recovery/detect.ts'
import { setMark } from '#server/peers/recovery/marks.ts'
import { Activity } from '#server/ports/activity.ts'
import { systemClock } from '#server/ports/clock.ts'
import { openLogger } from '#server/ports/logger.ts'
import { openMarkFile } from '#server/ports/mark-file.ts'
import { systemRandom } from '#server/ports/random.ts'
import type { Context } from '#server/context.ts'

// A process that does nothing but set marks, as fast as it can, until it is killed; it says what it found,
// and then each mark.

const [url = '', dataDirectory = ''] = process.argv.slice(2)
const logger = openLogger('silent')
const ports = {
  node: 'acme.test',
  db: openDb({ url, connectionsMax: 2, activity: new Activity(), logger }),
  clock: systemClock,
  random: systemRandom,
  mark: openMarkFile(dataDirectory),
} as Context
const context = { ...ports, mode: await detect(ports) }
console.log(context.mode.recovering?.reason ?? 'as ever')
for (;;) {
  await setMark(context)
  console.log(context.mode.tick)
}
