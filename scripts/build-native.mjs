// Builds the addon. npm runs this when the package is installed; `--cmake` builds it with cmake-js instead of node-gyp.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { buildNative, buildWithCMake, removeIntermediates } from './lib/native.mjs'
import { root } from './lib/paths.mjs'
import { explain, findMissing, lacksBlas } from './lib/requirements.mjs'

try {
  const missing = findMissing({ tools: true })
  if (missing.length > 0) throw new Error(explain(missing))
  if (lacksBlas())
    console.error(`chainrule works without it, and large matrix products are faster with it.\n${explain(['openblas'])}`)
  const output = process.argv.includes('--cmake') ? buildWithCMake() : buildNative()
  const isClone = existsSync(join(root, 'src'))
  if (!isClone) removeIntermediates()
  if (process.argv.includes('--verbose')) console.error(output)
} catch (error) {
  console.error(`${/** @type {Error} */ (error).message}\n\nchainrule: the native addon was not built.`)
  process.exitCode = 1
}
