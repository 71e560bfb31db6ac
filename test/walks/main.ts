import { walk } from './walk.ts'

// One process of `npm run walks`: how many, and from which seed.

const [runs = '100', seed = '1'] = process.argv.slice(2)
const started = Date.now()
let told = 0
const { walks, tally, failure } = await walk({
  walks: Number(runs),
  seed: Number(seed),
  abreast: 20,
  perWorld: 400,
  stepsMax: 10,
  onFailure: (why) => console.error(`seed ${seed}: ${why}`),
  progress(walks) {
    if (walks - told < 200) return
    told = walks
    console.log(`seed ${seed}: ${walks} walks in ${Math.round((Date.now() - started) / 1000)} s`)
  },
})
console.log(
  `seed ${seed}: ${walks} walks, ${tally.attempts} attempts, ${tally.unauthorised} of them by who may not\n${tally.story}`,
)
if (failure !== undefined) console.error(failure)
process.exit(failure === undefined ? 0 : 1)
