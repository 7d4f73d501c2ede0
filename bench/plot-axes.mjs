/** Where the ticks of an axis are, how they are written, and where values lie between them. */

export function domainOf(values) {
  return [Math.min(...values), Math.max(...values)]
}

/** Round numbers, at most six steps apart, that enclose low and high. */
export function niceTicks(low, high) {
  const rough = (high - low || 1) / 6
  const decade = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 2.5, 5, 10].find((m) => m * decade >= rough * 0.999) * decade
  const first = Math.floor(low / step + 1e-9)
  const last = Math.ceil(high / step - 1e-9)
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)))
}

/** Round numbers at even distances of ratio, that enclose low and high: the wider the span the fewer per decade. */
export function logTicks(low, high) {
  const decades = Math.log10(high / low)
  const mantissas = decades > 3 ? [1] : decades > 1.2 ? [1, 2, 5] : [1, 1.5, 2, 3, 4, 5, 7]
  const list = []
  for (let e = Math.floor(Math.log10(low)) - 1; e <= Math.ceil(Math.log10(high)); e++)
    for (const m of mantissas) list.push(Number(`${m}e${e}`))
  const first = list.findLastIndex((v) => v <= low * 1.0001)
  const last = list.findIndex((v) => v >= high * 0.9999)
  return list.slice(first, Math.max(last, first + 1) + 1)
}

/** From a value to a coordinate. A single tick lies in the middle. */
export function positions(scale, ticks, from, to) {
  const measure = scale === 'log' ? Math.log : (v) => v
  const [low, high] = [measure(ticks[0]), measure(ticks.at(-1))]
  if (low === high) return () => (from + to) / 2
  return (v) => from + ((measure(v) - low) / (high - low)) * (to - from)
}

/** 1234.5 as 1,234.5, whatever the language of the machine. */
export function written(v) {
  return v.toLocaleString('en-US', { maximumSignificantDigits: 6 })
}
