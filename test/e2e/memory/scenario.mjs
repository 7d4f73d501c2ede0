// node --expose-gc scenario.mjs NAME: does the same thing again and again; prints the memory along the way, in MB.
import { dense, gradient, Layer, Model, parameter, program, tensor, zeros } from '../../../dist/index.js'
import { native } from '../../../dist/native.js'

const turn = () => new Promise((resolve) => setTimeout(resolve, 5))

async function settle() {
  for (let i = 0; i < 4; i++) {
    globalThis.gc()
    await turn()
  }
}

const measured = []
/** What the addon has allocated, and what is resident; JavaScript's own memory is a part of the second only. */
function measure() {
  measured.push({ native: native().memoryAlive() / 1e6, rss: process.memoryUsage.rss() / 1e6 })
}

class Large extends Layer {
  static type = 'large'
  build() {
    this.weights = parameter([4_000_000], 'zeros')
  }
  forward(x) {
    return x.add(this.weights.sum())
  }
}

const net = () => {
  const model = new Model([dense(128, { activation: 'relu' }), dense(10, { activation: 'softmax' })], { seed: 1 })
  model.build([784])
  return model
}
const million = () => tensor(new Float32Array(1_000_000))

const scenarios = {
  /** 16 MB each, without a turn of the event loop. */
  reads() {
    const x = tensor(new Float32Array(4_000_000))
    for (let i = 1; i <= 40; i++) {
      x.add(i).sum().item()
      if (i % 4 === 0) measure()
    }
  },
  /** Each shape another plan: a cache keeps plans, not what they computed in. */
  readsOfManyShapes() {
    for (let i = 1; i <= 100; i++) {
      zeros([1_000_000 + i])
        .add(i)
        .at(0)
        .item()
      if (i % 10 === 0) measure()
    }
  },
  /** Plans of under 4 MB each. */
  async readsBetweenTurns() {
    for (let i = 1; i <= 100; i++) {
      zeros([400_000 + i])
        .add(i)
        .at(0)
        .item()
      if (i % 10 === 0) await settle().then(measure)
    }
  },
  syncPredictions() {
    const model = net()
    const data = new Float32Array(256 * 784)
    for (let i = 1; i <= 3000; i++) {
      const n = 1 + ((i * 37) % 256)
      model.predictSync(tensor(data.subarray(0, n * 784), { shape: [n, 784] }))
      if (i % 300 === 0) measure()
    }
  },
  async predictionsAtOnce() {
    const model = net()
    const x = zeros([500, 784])
    for (let i = 0; i < 4; i++) {
      await Promise.all(Array.from({ length: 300 }, () => model.predict(x, { batchSize: 500 })))
      await settle()
      measure()
    }
  },
  async droppedLayers() {
    for (let i = 1; i <= 80; i++) {
      new Large().apply(tensor([1])).item()
      if (i % 10 === 0) await settle().then(measure)
    }
  },
  async droppedModels() {
    const data = { x: zeros([8, 3]), y: zeros([8, 1]) }
    for (let i = 1; i <= 40; i++) {
      const model = new Model([dense(500_000), dense(1)], { seed: 1 })
      model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' })
      await model.fit(data, { progress: false })
      await model.predict(data.x)
      if (i % 5 === 0) await settle().then(measure)
    }
  },
  async droppedPrograms() {
    for (let i = 1; i <= 40; i++) {
      const p = program((x) => [x.exp(), gradient(x.square().sum(), x)])
      p.sync(million())
      await p(million())
      if (i % 5 === 0) await settle().then(measure)
    }
  },
  async evaluations() {
    const model = net()
    model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy', metrics: ['accuracy'] })
    for (let i = 1; i <= 40; i++) {
      const n = 1000 + i
      const data = { x: zeros([n, 784]), y: new Int32Array(n) }
      await model.fit(data, { batchSize: 100 + i, progress: false })
      await model.evaluate(data)
      if (i % 5 === 0) await settle().then(measure)
    }
  },
  /** The most natural loop of one's own, with gradients and two parameters. */
  eagerSteps() {
    const [a, b] = [parameter([], 'ones'), parameter([1_000_000], 'ones')]
    for (let i = 1; i <= 60; i++) {
      const [da, db] = gradient(b.mul(a).sub(6).square().mean(), [a, b])
      const [nextA, nextB] = [a.sub(da.mul(0.001)), b.sub(db.mul(0.001))]
      a.set(nextA)
      b.set(nextB)
      if (i % 6 === 0) measure()
    }
  },
}

await scenarios[process.argv[2]]()
console.log(JSON.stringify(measured))
