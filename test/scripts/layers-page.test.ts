// docs/layers.md is what `npm run docs` makes, and says of each layer what the doc comments must say.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { isLayer, layersPage, pagePath } from '../../scripts/lib/layers-page.mjs'
import { withPublicNames } from '../../scripts/lib/public-names.mjs'
import * as layerFiles from '../../src/layers/index.ts'

const layers = withPublicNames((names) => names.functions().filter(isLayer))

test('the page is up to date', () => {
  expect(readFileSync(pagePath, 'utf8'), 'docs/layers.md is stale: npm run docs').toBe(layersPage())
})

test('every type of layer that can be saved is on it', () => {
  const made = new Set(layers.map((layer) => layer.name.toLowerCase()))
  const missing = layerFiles.builtIn.map((layer) => String(layer.type)).filter((type) => !made.has(type.toLowerCase()))
  expect(missing).toEqual([])
})

test.each(layers.map((layer) => [layer.name, layer.doc] as const))('%s says what it does to shapes', (_, doc) => {
  expect(doc).toMatch(/\[|shape/)
})

test('every activation, initializer and constraint says what it is', () => {
  const page = layersPage()
  expect(page.match(/^- `relu`: /gm)).toHaveLength(1)
  expect(page.match(/^- `\w+`(?: `[^`]*`)?$/gm)).toBeNull()
})
