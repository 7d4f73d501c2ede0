// The JavaScript of the package: few files, because each one that Node has to find costs a user's start-up time. The
// addon and the data lie one folder above, seen from dist as from src.
import { defineConfig } from 'rolldown'

export default defineConfig({
  // `native` is for our own benchmarks.
  input: { index: 'src/index.ts', datasets: 'src/datasets.ts', native: 'src/native.ts' },
  platform: 'node',
  external: /^node:/,
  output: { dir: 'dist', format: 'esm', chunkFileNames: 'shared-[name].js' },
})
