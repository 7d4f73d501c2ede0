/** Who is measured, in which environment, with what it is told about threads. */

const pythonThreads = (n) => ({ OMP_NUM_THREADS: n, OPENBLAS_NUM_THREADS: n, MKL_NUM_THREADS: n })
const oneThread = 'no threads'

const typesOf = ({ network }) => network.layers.map(({ type }) => type)
const isDense = (spec) => typesOf(spec).every((type) => type === 'dense')
const hasPictures = (spec) => typesOf(spec).includes('conv')

/** Why a case is left out by those whose networks are written by hand. */
const denseOnly = (spec) => (isDense(spec) ? null : 'dense layers only')
const withoutNorms = ['dense', 'conv', 'pool', 'flatten', 'lstm']
const ofTfjs = (spec) => (typesOf(spec).every((type) => withoutNorms.includes(type)) ? null : 'not written for it')

/**
 * `oneThreadOnly`: why there is no row with all cores. `leftOut(spec)`: why a case is left out, if it is. `checkSteps`:
 * fewer steps are compared where each takes seconds. `ownLoss`: why its losses cannot be compared. `noPredictions`: why
 * it has no row for single samples.
 */
export const peers = [
  { name: 'chainrule', title: 'chainrule', environment: 'chainrule', file: 'javascript/chainrule.mjs' },
  { name: 'torch', title: 'PyTorch eager', environment: 'torch', file: 'python/torch_eager.py' },
  {
    name: 'torch-channels-last',
    title: 'PyTorch eager, channels_last',
    environment: 'torch',
    file: 'python/torch_eager.py',
    env: { PEER_CHANNELS_LAST: '1' },
    leftOut: (spec) => (hasPictures(spec) ? null : 'no pictures'),
  },
  { name: 'torch-compile', title: 'PyTorch torch.compile', environment: 'torch', file: 'python/torch_compiled.py' },
  { name: 'jax', title: 'JAX jit', environment: 'jax', file: 'python/jax_jit.py' },
  {
    name: 'jax-scan',
    title: 'JAX lax.scan',
    environment: 'jax',
    file: 'python/jax_scan.py',
    noPredictions: 'the same as JAX jit',
  },
  {
    name: 'tensorflow',
    title: 'TensorFlow tf.function',
    environment: 'tensorflow',
    file: 'python/tensorflow_function.py',
    leftOut: (spec) => (typesOf(spec).includes('gpt') ? 'not written for it' : null),
  },
  { name: 'numpy', title: 'NumPy', environment: 'numpy', file: 'python/numpy_plain.py', leftOut: denseOnly },
  {
    name: 'tfjs-wasm',
    title: 'TensorFlow.js wasm',
    environment: 'node',
    file: 'javascript/tfjs.mjs',
    env: { PEER_BACKEND: 'wasm' },
    checkSteps: { wide: 5, cnn: 5, lstm: 5 },
    oneThreadOnly: 'the wasm backend turns threads off in Node (tfjs issue 3830); forced, it does not start',
    leftOut: ofTfjs,
  },
  {
    name: 'tfjs-cpu',
    title: 'TensorFlow.js cpu',
    environment: 'node',
    file: 'javascript/tfjs.mjs',
    env: { PEER_BACKEND: 'cpu' },
    oneThreadOnly: oneThread,
    checkSteps: { wide: 5, cnn: 2, lstm: 5 },
    leftOut: ofTfjs,
  },
  {
    name: 'brain',
    title: 'brain.js',
    environment: 'node',
    file: 'javascript/brain.mjs',
    oneThreadOnly: oneThread,
    ownLoss: 'one pass over a batch, sample by sample, with its own loss',
    leftOut: denseOnly,
  },
]

export function environmentVariables(peer, threads) {
  const python = peer.file.endsWith('.py') ? pythonThreads(threads) : {}
  return { ...process.env, ...python, ...peer.env, PEER_THREADS: String(threads) }
}
