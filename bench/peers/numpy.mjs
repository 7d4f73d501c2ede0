/** NumPy as a peer: a child that times steps when it is asked. Looks for a Python that has it, or makes one. */
import { execFileSync, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const here = (name) => fileURLToPath(new URL(name, import.meta.url))
const venv = here('.venv')

function hasNumpy(python) {
  try {
    return execFileSync(python, ['-c', 'import numpy; print(numpy.__version__)'], { stdio: 'pipe' }).toString().trim()
  } catch {
    return null
  }
}

function findPython() {
  const own = `${venv}/bin/python`
  for (const python of [process.env.CHAINRULE_PYTHON, own, 'python3'].filter(Boolean)) {
    const version = hasNumpy(python)
    if (version) return { python, version }
  }
  if (!existsSync(own)) execFileSync('python3', ['-m', 'venv', venv], { stdio: 'pipe' })
  execFileSync(own, ['-m', 'pip', 'install', '--quiet', '-r', here('requirements-numpy.txt')], { stdio: 'pipe' })
  return { python: own, version: hasNumpy(own) }
}

/** `{ step(n): microseconds per step of n, close() }`, or the reason why there is none. */
export async function startNumpy() {
  let found
  try {
    found = findPython()
  } catch (error) {
    return {
      reason: String(error.stderr ?? error.message)
        .trim()
        .split('\n')
        .at(-1),
    }
  }
  const child = spawn(found.python, [here('numpy_spiral.py')], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, OPENBLAS_NUM_THREADS: '1' },
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    version: found.version,
    async step(n) {
      child.stdin.write(`${n}\n`)
      return Number((await lines.next()).value)
    },
    close: () => child.stdin.end(),
  }
}
