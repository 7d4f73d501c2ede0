/** Who is measured, in which environment, with what it is told about threads. */

const pythonThreads = (n) => ({ OMP_NUM_THREADS: n, OPENBLAS_NUM_THREADS: n, MKL_NUM_THREADS: n })
const oneThread = 'no threads'

/**
 * `oneThreadOnly`: why there is no row with all cores. `skip`: cases that are left out, with the reason. `checkSteps`:
 * fewer steps are compared where each takes seconds. `ownLoss`: why its losses cannot be compared.
 */
export const peers = [
  { name: 'chainrule', title: 'chainrule', environment: 'chainrule', file: 'javascript/chainrule.mjs' },
  { name: 'torch', title: 'PyTorch eager', environment: 'torch', file: 'python/torch_eager.py' },
  { name: 'torch-compile', title: 'PyTorch torch.compile', environment: 'torch', file: 'python/torch_compiled.py' },
  { name: 'jax', title: 'JAX jit', environment: 'jax', file: 'python/jax_jit.py' },
  {
    name: 'jax-scan',
    title: 'JAX lax.scan',
    environment: 'jax',
    file: 'python/jax_scan.py',
    skip: { sample: 'the same as JAX jit' },
  },
  {
    name: 'tensorflow',
    title: 'TensorFlow tf.function',
    environment: 'tensorflow',
    file: 'python/tensorflow_function.py',
  },
  { name: 'numpy', title: 'NumPy', environment: 'numpy', file: 'python/numpy_plain.py' },
  {
    name: 'tfjs-wasm',
    title: 'TensorFlow.js wasm',
    environment: 'node',
    file: 'javascript/tfjs.mjs',
    env: { PEER_BACKEND: 'wasm' },
    checkSteps: { wide: 5 },
    oneThreadOnly: 'the wasm backend turns threads off in Node (tfjs issue 3830); forced, it does not start',
  },
  {
    name: 'tfjs-cpu',
    title: 'TensorFlow.js cpu',
    environment: 'node',
    file: 'javascript/tfjs.mjs',
    env: { PEER_BACKEND: 'cpu' },
    oneThreadOnly: oneThread,
    checkSteps: { wide: 5 },
  },
  {
    name: 'brain',
    title: 'brain.js',
    environment: 'node',
    file: 'javascript/brain.mjs',
    oneThreadOnly: oneThread,
    ownLoss: 'one pass over a batch, sample by sample, with its own loss',
  },
]

export function environmentVariables(peer, threads) {
  const python = peer.file.endsWith('.py') ? pythonThreads(threads) : {}
  return { ...process.env, ...python, ...peer.env, PEER_THREADS: String(threads) }
}
