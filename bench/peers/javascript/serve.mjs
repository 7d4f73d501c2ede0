/**
 * A JavaScript peer's side of the conversation; python/serve.py is the other one, and says what a peer must have.
 * Here `load`, `steps`, `losses` may also return promises.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

export const threads = Number(process.env.PEER_THREADS)

/** What the runner wrote: sizes, hyperparameters and arrays. */
function readCase(folder, name) {
  const spec = JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8'))
  const read = (part, type) => typed(readFileSync(join(folder, `${name}-${part}.bin`)), type)
  const flat = read('weights', Float32Array)
  const weights = []
  let begin = 0
  for (let i = 0; i + 1 < spec.sizes.length; i++)
    for (const shape of [[spec.sizes[i], spec.sizes[i + 1]], [spec.sizes[i + 1]]]) {
      const size = shape.reduce((a, b) => a * b)
      weights.push({ shape, data: flat.subarray(begin, begin + size) })
      begin += size
    }
  const order = read('order', Int32Array)
  const batches = Array.from({ length: spec.batches }, (_, i) => order.subarray(i * spec.batch, (i + 1) * spec.batch))
  const x = read('x', spec.dtype === 'uint8' ? Uint8Array : Float32Array)
  return { ...spec, x, y: read('y', Int32Array), order: batches, weights }
}

/** A copy, because a Buffer may begin at any byte. */
const typed = (buffer, Type) => new Type(Uint8Array.from(buffer).buffer)

const networks = new Map()
let peer

const commands = {
  about: () => peer.about(),
  async load({ folder, case: name }) {
    const given = readCase(folder, name)
    const sample = typed(readFileSync(join(folder, 'sample.bin')), Float32Array).slice(0, given.sizes[0])
    networks.set(name, { network: await peer.load(given), sample })
    return {}
  },
  async losses({ case: name, steps }) {
    const { losses, correct } = await networks.get(name).network.losses(steps)
    return { losses: Array.from(losses), correct }
  },
  /** A tenth of them first, untimed: caches, compilers and threads wake up. */
  async steps({ case: name, steps }) {
    const { network } = networks.get(name)
    if (steps >= 10) await network.steps(Math.floor(steps / 10))
    const begin = performance.now()
    const done = (await network.steps(steps)) ?? steps
    return { steps: done, microseconds: ((performance.now() - begin) * 1000) / done }
  },
  predict({ case: name, calls }) {
    const { network, sample } = networks.get(name)
    const output = Array.from(network.predict(sample))
    for (let i = 0; i < calls / 10; i++) network.predict(sample)
    const begin = performance.now()
    for (let i = 0; i < calls; i++) network.predict(sample)
    return { microseconds: ((performance.now() - begin) * 1000) / calls, output }
  },
}

/** Endless batches, in the order of the file. */
export function inTurn(batches) {
  let next = 0
  return () => batches[next++ % batches.length]
}

export async function serve(given) {
  peer = given
  // Answers go out by themselves; what a library logs goes to stderr.
  const write = process.stdout.write.bind(process.stdout)
  process.stdout.write = process.stderr.write.bind(process.stderr)
  for await (const line of createInterface({ input: process.stdin })) {
    const ask = JSON.parse(line)
    let answer
    try {
      answer = await commands[ask.command](ask)
    } catch (error) {
      console.error(error)
      answer = { error: String(error).split('\n')[0].slice(0, 300) }
    }
    write(`${JSON.stringify(answer)}\n`)
  }
}
