/**
 * A JavaScript peer's side of the conversation; python/serve.py is the other one, and says what a peer must have.
 * Here `load`, `steps`, `losses` may also return promises.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

export const threads = Number(process.env.PEER_THREADS)

/** What the runner wrote: the network (bench/networks.mjs says how it is meant), hyperparameters and arrays. */
function readCase(folder, name) {
  const spec = JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8'))
  const read = (part, type) => typed(readFileSync(join(folder, `${name}-${part}.bin`)), types[type])
  const order = read('order', 'int32')
  return {
    ...spec,
    x: read('x', spec.dtype),
    y: read('y', 'int32'),
    order: Array.from({ length: spec.batches }, (_, i) => order.subarray(i * spec.batch, (i + 1) * spec.batch)),
    sample: read('sample', spec.sampleDtype),
    weights: split(read('weights', 'float32'), spec.shapes),
  }
}

const types = { uint8: Uint8Array, int32: Int32Array, float32: Float32Array }

function split(flat, shapes) {
  let begin = 0
  return shapes.map((shape) => {
    const size = shape.reduce((a, b) => a * b)
    begin += size
    return { shape, data: flat.subarray(begin - size, begin) }
  })
}

/** A copy, because a Buffer may begin at any byte. */
const typed = (buffer, Type) => new Type(Uint8Array.from(buffer).buffer)

const networks = new Map()
let peer

const commands = {
  about: () => peer.about(),
  async load({ folder, case: name }) {
    const given = readCase(folder, name)
    networks.set(name, { network: await peer.load(given), sample: given.sample })
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
