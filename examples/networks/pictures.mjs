// Small pictures as text, side by side.
const shades = ' .:-=+*#%@'

function lines(pixels, width) {
  const shade = (value) => shades[Math.round(Math.min(1, Math.max(0, value)) * (shades.length - 1))].repeat(2)
  const rows = Array.from({ length: pixels.length / width }, (_, row) => pixels.slice(row * width, (row + 1) * width))
  return rows.map((row) => row.map(shade).join(''))
}

/** Rows of pixels from 0 to 1, [n, width·width], as one block of text. */
export function sideBySide(pictures, width) {
  const blocks = pictures.map((pixels) => lines(pixels, width))
  return blocks[0]
    .map((_, i) =>
      blocks
        .map((block) => block[i])
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
