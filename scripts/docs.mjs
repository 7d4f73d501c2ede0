// Writes docs/layers.md from the doc comments and types of what src/index.ts exports: `npm run docs`.
import { writeFileSync } from 'node:fs'
import { layersPage, pagePath } from './lib/layers-page.mjs'

writeFileSync(pagePath, layersPage())
