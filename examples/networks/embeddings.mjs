// A table with categories: what a flat costs by its district, kind, area and age. Each category becomes a few numbers that
// are learnt; the other columns go in as they are.
import { adam, concat, dense, embedding, input, Model, RandomState } from 'chainrule'
import { optionsOf } from './options.mjs'

const { epochs } = optionsOf({ epochs: 60 })
const districts = [
  'Harbour',
  'Mill',
  'Station',
  'North',
  'Hill',
  'Old Town',
  'Park',
  'Lake',
  'Castle',
  'West',
  'Gasworks',
  'East',
]
const perSquareMetre = [9, 8, 7.5, 8.5, 14, 16, 13, 17, 18, 9.5, 7, 8]
const kinds = ['flat', 'studio', 'loft', 'house']
const factors = [1, 1.2, 1.3, 0.9]

/** Rents that follow a rule, with 5 % of noise: there is no file to fetch. */
function table(rows, seed) {
  const random = new RandomState(seed)
  const flats = Array.from({ length: rows }, () => {
    const [district, kind] = [districts, kinds].map(({ length }) => Math.floor(random.double() * length))
    const [area, age] = [20 + 100 * random.double(), 100 * random.double()]
    const rent = area * perSquareMetre[district] * factors[kind] * (1 - age / 400) * (1 + 0.05 * random.gauss())
    return { district, kind, numbers: [area / 100, age / 100], rent: rent / 1000 }
  })
  const column = (name) => flats.map((flat) => flat[name])
  const x = { district: column('district'), kind: column('kind'), numbers: column('numbers') }
  return { x, y: column('rent').map((rent) => [rent]) }
}

const district = input([], { dtype: 'int32' })
const kind = input([], { dtype: 'int32' })
const numbers = input([2])
const places = embedding(districts.length, 2)
const all = concat([places.apply(district), embedding(kinds.length, 2).apply(kind), numbers], -1)
const hidden = dense(32, { activation: 'relu' }).apply(dense(32, { activation: 'relu' }).apply(all))
const model = new Model({ inputs: { district, kind, numbers }, outputs: dense(1).apply(hidden) }, { seed: 1 })
model.compile({ optimizer: adam({ learningRate: 3e-3 }), loss: 'meanAbsoluteError' })
console.log(model.summary())

const test = table(1000, 2)
await model.fit(table(4000, 1), { epochs, batchSize: 64, progress: false })
const rents = test.y.map(([rent]) => rent)
const middle = [...rents].sort((a, b) => a - b)[rents.length >> 1]
const guess = rents.reduce((sum, rent) => sum + Math.abs(rent - middle), 0) / rents.length
const { loss } = await model.evaluate(test)
console.log(
  `off by ${(1000 * loss).toFixed(0)} € a month; who always says the median is off by ${(1000 * guess).toFixed(0)} €`,
)

// Two numbers per district. Those with like rents lie together: the nearest neighbour of each.
const positions = places.embeddings.toArray(2)
for (const [i, here] of positions.entries()) {
  const distances = positions.map((there) => Math.hypot(there[0] - here[0], there[1] - here[1]))
  distances[i] = Infinity
  const nearest = distances.indexOf(Math.min(...distances))
  console.log(
    `${districts[i]} (${perSquareMetre[i]} €/m²) is most like ${districts[nearest]} (${perSquareMetre[nearest]} €/m²)`,
  )
}
