// Random wrong arguments, the same for the same seed.

/** @param {number} seed */
export function generator(seed) {
  let state = (seed * 2654435761) >>> 0 || 1
  /** An integer from 0 up to, and without, n. */
  const below = (n) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    state >>>= 0
    return state % n
  }
  const pick = (list) => list[below(list.length)]
  return { below, pick }
}

function detached(Type) {
  const array = new Type(4)
  structuredClone(array.buffer, { transfer: [array.buffer] })
  return array
}

const throwing = () => {
  throw new Error('thrown on purpose')
}

// Nothing between some megabytes and what no machine has: an allocation that succeeds slowly is no wrong call.
export const numbers = [
  0,
  1,
  2,
  3,
  7,
  64,
  -1,
  -0.5,
  2.5,
  1e15,
  2 ** 53,
  -(2 ** 53),
  NaN,
  Infinity,
  -Infinity,
  1e300,
  5e-324,
]

/** Makers of values that are wrong nearly everywhere. */
export const junk = [
  () => undefined,
  () => null,
  () => true,
  () => '',
  () => 'x',
  () => '3',
  () => 3n,
  () => Symbol('s'),
  () => ({}),
  () => [],
  () => [1, 2, 3],
  () => [[1, 2], [3]],
  () => [[1, 'x']],
  () => [null],
  () => new Array(5),
  () => throwing,
  () => () => NaN,
  () => async () => 1,
  () => new Date(),
  () => new Map(),
  () => Promise.resolve(1),
  () => Object.create(null),
  () => new Float32Array(0),
  () => new Float32Array([1, NaN, Infinity]),
  () => new Float64Array(9),
  () => new Int8Array(5),
  () => new BigInt64Array(2),
  () => new DataView(new ArrayBuffer(8)),
  () => new ArrayBuffer(8),
  () => new Float64Array(new SharedArrayBuffer(64)),
  () => detached(Float32Array),
  () => detached(Float64Array),
  () => new Proxy([], { get: throwing }),
  () => new Proxy({}, { get: throwing, ownKeys: throwing, has: throwing }),
  () => Object.defineProperty([0], 0, { get: throwing }),
  () => ({ valueOf: throwing, toString: throwing }),
  () => ({ shape: [2, 2], data: new Float32Array(3) }),
  () => ({ x: [[1]], y: [1, 2] }),
]
