/** A model as a picture: boxes for inputs, layers and operations, and what goes from where to where, as SVG. */
import type { Connection } from './connections.ts'
import { countOf } from './connections.ts'
import { layered, type Point } from './layered.ts'

interface Drawn {
  readonly title: string
  readonly lines: readonly string[]
  readonly kind: Connection['kind'] | 'output'
}

const size = { title: 14, line: 12, row: 17, padding: 10, margin: 20 }
const colours = {
  input: { fill: '#e3f4e4', line: '#4d9a55' },
  layer: { fill: '#e4eefb', line: '#4a7ebb' },
  operation: { fill: '#f4f4f4', line: '#8a8a8a' },
  output: { fill: '#fcefdc', line: '#c98a2b' },
}

/** The text of an SVG file. */
export function plotted(connections: readonly Connection[]): string {
  const { drawn, edges } = graphOf(connections)
  const boxes = drawn.map(boxOf)
  const drawing = layered(boxes, edges)
  const width = Math.ceil(drawing.width + 2 * size.margin)
  const height = Math.ceil(drawing.height + 2 * size.margin)
  const lines = drawing.edges.map((points) => `<path d="${pathThrough(points)}" marker-end="url(#to)"/>`)
  const shapes = drawn.map((of, i) => shapeOf(of, boxes[i]!, drawing.boxes[i]!))
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">
<defs><marker id="to" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0 8 4 0 8z" fill="#666"/></marker></defs>
<rect width="100%" height="100%" fill="#fff"/>
<g transform="translate(${size.margin} ${size.margin})" font-family="Helvetica, Arial, sans-serif" text-anchor="middle">
<g fill="none" stroke="#666" stroke-width="1.2">
${lines.join('\n')}
</g>
${shapes.join('\n')}
</g>
</svg>
`
}

/** Boxes, outputs of the model among them, and edges, each once. */
function graphOf(connections: readonly Connection[]): { drawn: Drawn[]; edges: (readonly [number, number])[] } {
  const drawn = connections.map(drawnOf)
  const numbers = new Map(connections.map(({ name }, i) => [name, i]))
  const edges = new Map<string, readonly [number, number]>()
  const connect = (from: number, to: number) => edges.set(`${from} ${to}`, [from, to])
  for (const [i, { takes, gives }] of connections.entries()) {
    for (const { from } of takes) if (from !== null) connect(numbers.get(from)!, i)
    for (const output of gives) connect(i, drawn.push({ title: output || 'output', lines: [], kind: 'output' }) - 1)
  }
  return { drawn, edges: [...edges.values()] }
}

function drawnOf({ name, type, kind, shape, takes, layer }: Connection): Drawn {
  const count = layer ? countOf(layer) : 0
  const about = [
    ...(kind === 'layer' && type !== name ? [type] : []),
    ...(count > 0 ? [`${count.toLocaleString('en-US')} parameters`] : []),
  ]
  const others = takes.flatMap(({ from, label }) => (from === null ? [label] : []))
  const with_ = others.length > 0 ? [`with ${others.join(', ')}`] : []
  return { title: name, lines: [...(about.length > 0 ? [about.join(', ')] : []), ...with_, shape], kind }
}

// A letter is about half as wide as it is high.
const wide = (text: string, height: number) => text.length * height * 0.56

function boxOf({ title, lines }: Drawn): { width: number; height: number } {
  const widest = Math.max(wide(title, size.title) * 1.08, ...lines.map((line) => wide(line, size.line)))
  return { width: Math.ceil(widest + 2 * size.padding), height: size.row * (1 + lines.length) + size.padding }
}

function shapeOf({ title, lines, kind }: Drawn, box: { width: number; height: number }, { x, y }: Point): string {
  const { fill, line } = colours[kind]
  const [left, top] = [x - box.width / 2, y - box.height / 2]
  const text = (words: string, row: number, style: string) =>
    `<text x="${round(x)}" y="${round(top + size.padding / 2 + size.row * (row + 0.75))}" ${style}>${escaped(words)}</text>`
  const corner = kind === 'layer' ? 4 : 12
  return [
    `<rect x="${round(left)}" y="${round(top)}" width="${box.width}" height="${box.height}" rx="${corner}" fill="${fill}" stroke="${line}"/>`,
    text(title, 0, `font-size="${size.title}" font-weight="bold"`),
    ...lines.map((words, i) => text(words, i + 1, `font-size="${size.line}" fill="#444"`)),
  ].join('\n')
}

/** A curve that leaves and arrives vertically. */
function pathThrough(points: readonly Point[]): string {
  const [first, ...rest] = points
  let before = first!
  const parts = rest.map((to) => {
    const half = round((before.y + to.y) / 2)
    const part = `C${round(before.x)} ${half} ${round(to.x)} ${half} ${round(to.x)} ${round(to.y)}`
    before = to
    return part
  })
  return `M${round(first!.x)} ${round(first!.y)}${parts.join('')}`
}

const round = (x: number) => Math.round(x * 10) / 10

const escaped = (text: string) => text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`)
