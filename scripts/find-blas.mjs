// Prints the BLAS that the addon shall load by default; binding.gyp and CMakeLists.txt record it in the binary.
import { findBlas } from './lib/blas.mjs'

try {
  console.log(findBlas() ?? '') // without one, the usual names are tried, and then our own kernels do everything
} catch (error) {
  console.error(/** @type {Error} */ (error).message)
  process.exitCode = 1
}
