/**
 * Line charts as SVG text, in panels under one legend. A pure function of what it is given: the same figures give the
 * same bytes. The background is painted, so that a figure reads the same on a light and on a dark page.
 */
import { domainOf, logTicks, niceTicks, positions, written } from './plot-axes.mjs'

const width = 920
const padding = 22
const gap = 30
const panelHeight = 300
const margin = { left: 66, right: 12, top: 34, bottom: 48 }
const ink = '#1f2328'
const faint = '#d8dee4'
const muted = '#57606a'
const family = 'system-ui, -apple-system, "Segoe UI", Helvetica, Arial, "DejaVu Sans", sans-serif'

const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
const at = (v) => String(Math.round(v * 10) / 10)

function text(x, y, content, { size = 12, anchor = 'start', weight, fill = ink, turn } = {}) {
  const bold = weight ? ` font-weight="${weight}"` : ''
  const turned = turn ? ` transform="rotate(${turn} ${at(x)} ${at(y)})"` : ''
  return `<text x="${at(x)}" y="${at(y)}" font-size="${size}" text-anchor="${anchor}" fill="${fill}"${bold}${turned}>${escaped(content)}</text>`
}

function line(x1, y1, x2, y2, stroke, strokeWidth = 1) {
  return `<line x1="${at(x1)}" y1="${at(y1)}" x2="${at(x2)}" y2="${at(y2)}" stroke="${stroke}" stroke-width="${strokeWidth}"/>`
}

function marker(x, y, { color, hollow }) {
  const paint = hollow ? `fill="#ffffff" stroke="${color}" stroke-width="1.5"` : `fill="${color}"`
  return `<circle cx="${at(x)}" cy="${at(y)}" r="${hollow ? 2.8 : 3.4}" ${paint}/>`
}

const dashed = ({ dash }) => (dash ? ` stroke-dasharray="${dash}"` : '')

function curve(series, toX, toY) {
  const points = series.points.map(([x, y]) => [toX(x), toY(y)])
  const path = points.map(([x, y]) => `${at(x)},${at(y)}`).join(' ')
  const stroke = `stroke="${series.color}" stroke-width="${series.thin ? 1.2 : 2}" stroke-linejoin="round"`
  const markers = series.thin ? [] : points.map(([x, y]) => marker(x, y, series))
  return [`<polyline points="${path}" fill="none" ${stroke}${dashed(series)}/>`, ...markers]
}

/** Ticks and span of the axes: x at the places that were measured, y at round numbers. */
function axesOf({ x, y, series }) {
  const all = series.flatMap((s) => s.points)
  const xTicks = x.ticks ?? [...new Set(all.map((p) => p[0]))].sort((a, b) => a - b)
  const [low, high] = domainOf(all.map((p) => p[1]))
  const yTicks = y.scale === 'log' ? logTicks(low, high) : niceTicks(Math.min(0, low), Math.max(y.top ?? high, high))
  return { xTicks, yTicks }
}

function panel(spec, left, top, cell) {
  const box = {
    left: left + margin.left,
    right: left + cell - margin.right,
    top: top + margin.top,
    bottom: top + panelHeight - margin.bottom,
  }
  const { xTicks, yTicks } = axesOf(spec)
  // The outermost markers stay clear of the frame.
  const toX = positions(spec.x.scale, xTicks, box.left + 14, box.right - 14)
  const toY = positions(spec.y.scale, yTicks, box.bottom, box.top)
  const centre = (box.left + box.right) / 2
  const middle = (box.top + box.bottom) / 2
  return [
    ...(spec.title ? [text(box.left, top + 20, spec.title, { size: 13, weight: 600 })] : []),
    ...yTicks.flatMap((v) => [
      line(box.left, toY(v), box.right, toY(v), faint),
      text(box.left - 7, toY(v) + 4, written(v), { size: 11, anchor: 'end', fill: muted }),
    ]),
    ...xTicks.flatMap((v) => [
      line(toX(v), box.bottom, toX(v), box.bottom + 4, muted),
      text(toX(v), box.bottom + 17, written(v), { size: 11, anchor: 'middle', fill: muted }),
    ]),
    line(box.left, box.bottom, box.right, box.bottom, muted),
    text(centre, box.bottom + 36, spec.x.label, { anchor: 'middle' }),
    text(left + 12, middle, spec.y.label, { anchor: 'middle', turn: -90 }),
    // The first of the legend lies on top.
    ...[...spec.series].reverse().flatMap((s) => curve(s, toX, toY)),
  ]
}

const room = (label) => 52 + label.length * 6.5

/** Where the entries of the legend begin: in one row, or in columns if one row has no room. */
function legendPlaces(labels, top) {
  const rooms = labels.map(room)
  const total = rooms.reduce((a, b) => a + b, 0)
  if (total <= width - 2 * padding)
    return labels.map((_, i) => [padding + rooms.slice(0, i).reduce((a, b) => a + b, 0), top])
  const widest = Math.max(...rooms)
  const fitting = Math.max(1, Math.floor((width - 2 * padding) / widest))
  const columns = Math.ceil(labels.length / Math.ceil(labels.length / fitting))
  return labels.map((_, i) => [padding + (i % columns) * widest, top + 20 * Math.floor(i / columns)])
}

/** Each label once. */
function legend(panels, top) {
  const known = [...new Map(panels.flatMap((p) => p.series).map((s) => [s.label, s])).values()]
  const places = legendPlaces(
    known.map((s) => s.label),
    top,
  )
  const parts = known.flatMap((series, i) => {
    const [x, y] = places[i]
    const stroke = `stroke="${series.color}" stroke-width="${series.thin ? 1.2 : 2}"`
    return [
      `<line x1="${at(x)}" y1="${at(y)}" x2="${at(x + 26)}" y2="${at(y)}" ${stroke}${dashed(series)}/>`,
      ...(series.thin ? [] : [marker(x + 13, y, series)]),
      text(x + 32, y + 4, series.label),
    ]
  })
  return { parts, bottom: Math.max(...places.map((p) => p[1])) + 14 }
}

/**
 * A figure: `{ title, note, columns, panels }`. A panel has a title, axes `{ label, scale: 'log' | 'linear' }` and
 * series `{ label, color, points: [x, y][], dash?, hollow?, thin? }`. Series with one label are one line of the legend.
 */
export function figure({ title, note, columns = 2, panels }) {
  const key = legend(panels, 78)
  // Without titles over the panels there is nothing to leave room for.
  const top = panels.some((p) => p.title) ? key.bottom : key.bottom - 20
  const cell = (width - 2 * padding - gap * (columns - 1)) / columns
  const rows = Math.ceil(panels.length / columns)
  const height = top + rows * panelHeight + 8
  const body = panels.flatMap((p, i) =>
    panel(p, padding + (i % columns) * (cell + gap), top + Math.floor(i / columns) * panelHeight, cell),
  )
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(title)}" font-family="${escaped(family)}">`,
    `<title>${escaped(title)}</title>`,
    `<rect x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="6" fill="#ffffff" stroke="${faint}"/>`,
    text(padding, 32, title, { size: 16, weight: 600 }),
    text(padding, 52, note, { size: 11.5, fill: muted }),
    ...key.parts,
    ...body,
    '</svg>',
  ].join('\n')}\n`
}
