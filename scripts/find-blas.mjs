// Prints the BLAS that the addon shall load by default; binding.gyp and CMakeLists.txt record it in the binary.
import { findBlas } from './lib/blas.mjs'

try {
  const library = findBlas()
  if (!library) throw new Error('OpenBLAS was not found; set CHAINRULE_BLAS to the path of a CBLAS library')
  console.log(library)
} catch (error) {
  console.error(/** @type {Error} */ (error).message)
  process.exitCode = 1
}
