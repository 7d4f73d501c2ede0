// A drawn model: boxes that do not overlap, edges that go down from box to box, and a file that is sound SVG.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { concat, dense, input, Model } from '../../src/index.ts'
import { layered } from '../../src/reports/layered.ts'
import { seeded } from '../support/random.ts'

const folder = mkdtempSync(join(tmpdir(), 'chainrule-plot-'))
afterAll(() => rmSync(folder, { recursive: true }))

describe('a drawing', () => {
  test.each([1, 2, 3, 4, 5, 6, 7, 8])('of a random graph (%i) has no overlaps, and edges that go down', (seed) => {
    const random = seeded(seed)
    const boxes = Array.from({ length: 3 + seed * 4 }, () => ({
      width: random.integer(20, 200),
      height: random.integer(10, 60),
    }))
    const edges = boxes.flatMap((_, to) =>
      to === 0 ? [] : [...new Set([random.integer(0, to), random.integer(0, to)])].map((from) => [from, to] as const),
    )
    const drawing = layered(boxes, edges)
    for (const [i, a] of drawing.boxes.entries()) {
      expect(a.x - boxes[i]!.width / 2).toBeGreaterThanOrEqual(-1e-6)
      expect(a.x + boxes[i]!.width / 2).toBeLessThanOrEqual(drawing.width + 1e-6)
      expect(a.y + boxes[i]!.height / 2).toBeLessThanOrEqual(drawing.height + 1e-6)
      for (const [k, b] of drawing.boxes.slice(0, i).entries()) {
        const apartX = Math.abs(a.x - b.x) >= (boxes[i]!.width + boxes[k]!.width) / 2
        const apartY = Math.abs(a.y - b.y) >= (boxes[i]!.height + boxes[k]!.height) / 2
        expect(apartX || apartY, `boxes ${k} and ${i}`).toBe(true)
      }
    }
    for (const [i, points] of drawing.edges.entries()) {
      const [from, to] = edges[i]!
      const [start, end] = [points[0]!, points.at(-1)!]
      expect([start.x, start.y]).toEqual([drawing.boxes[from]!.x, drawing.boxes[from]!.y + boxes[from]!.height / 2])
      expect([end.x, end.y]).toEqual([drawing.boxes[to]!.x, drawing.boxes[to]!.y - boxes[to]!.height / 2])
      for (const [k, point] of points.slice(1).entries()) expect(point.y).toBeGreaterThan(points[k]!.y)
    }
  })

  test('of two edges that were given crossed has no crossing', () => {
    const box = { width: 10, height: 10 }
    const drawing = layered(
      [box, box, box, box],
      [
        [0, 3],
        [1, 2],
      ],
    )
    const [a, b, c, d] = drawing.boxes.map(({ x }) => x)
    expect((a! - b!) * (d! - c!)).toBeGreaterThan(0)
  })
})

async function drawnTo(model: Model): Promise<string> {
  const path = join(folder, 'model.svg')
  await model.plot(path)
  return readFileSync(path, 'utf8')
}
const texts = (svg: string) => [...svg.matchAll(/<text[^>]*>([^<]*)</g)].map(([, text]) => text)

test('a graph is drawn with its inputs, layers, operations and outputs', async () => {
  const [a, b] = [input([2]), input([3])]
  const hidden = dense(4, { name: 'a<b' })
  const y = hidden.apply(concat([a, b], -1)).mul(2)
  const outputs = { price: dense(1, { name: 'price' }).apply(y), same: y }
  const svg = await drawnTo(new Model({ inputs: { a, b }, outputs }, { seed: 1 }) as never)
  expect(svg).toMatchSnapshot()
  expect(svg.match(/<path d="M/g)).toHaveLength(7 + 1) // the edges, and the head of an arrow
  expect(texts(svg)).toEqual(
    expect.arrayContaining(['a', 'b', 'concat', 'a&#60;b', 'dense, 24 parameters', 'mul', 'with 2', 'price', 'same']),
  )
  expect(svg.match(/<(\w+)[ >]/g)!.length).toBeGreaterThan(20)
})

test('layers in a row are drawn, built or not', async () => {
  const model = new Model([dense(3), dense(1)])
  expect(texts(await drawnTo(model))).toEqual([
    'input ',
    'not built',
    'dense',
    'not built',
    'dense1',
    'dense',
    'not built',
    'output',
  ])
  model.build([4])
  expect(texts(await drawnTo(model))).toContain('[?, 4]')
})

test('a folder that is not there is an error', async () => {
  const model = new Model([dense(1)])
  await expect(model.plot(join(folder, 'none', 'model.svg'))).rejects.toMatchObject({ code: 'ERR_FILE' })
})
