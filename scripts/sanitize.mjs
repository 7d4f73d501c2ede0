// The addon under AddressSanitizer with UndefinedBehaviorSanitizer, then under ThreadSanitizer: random kernel programs,
// wrong calls, and the scenarios where training meets the end of workers and of the process.
//   node scripts/sanitize.mjs [address] [thread] [TIMES]     TIMES: how much more than the least; 1 by default
// Needs CMake, GCC with its sanitizer libraries, and scripts/setup.mjs. What a sanitizer reports is a failure.
import { closingLine } from './lib/results.mjs'
import { sanitize } from './lib/sanitizers.mjs'

const args = process.argv.slice(2)
const names = args.filter((arg) => Number.isNaN(Number(arg)))
const times = Number(args.find((arg) => !Number.isNaN(Number(arg))) ?? 1)
const counts = sanitize(names.length > 0 ? names : ['address', 'thread'], times)
console.log(`\n${closingLine(counts)}`)
process.exitCode = counts.failed > 0 ? 1 : 0
