// A million characters of Shakespeare, and their numbers.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'

const file = 'tinyshakespeare.txt.gz'
const source = 'https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/input.txt'

function readText() {
  const path = join(process.env.CHAINRULE_DATA ?? '.', file)
  if (existsSync(path)) return gunzipSync(readFileSync(path)).toString('utf8')
  throw new Error(`There is no ${path}. Fetch ${source}, gzip it, and name its folder by CHAINRULE_DATA.`)
}

/** Pieces of `length` characters, one after the other, and for each the same piece one character further. */
function pieces(ids, length) {
  const n = Math.floor((ids.length - 1) / length)
  const part = (from) => ({ data: ids.slice(from, from + n * length), shape: [n, length] })
  return { x: part(0), y: part(1) }
}

/** The first 90 % to learn from, the rest to test on, as `{ x, y }` of characters' numbers; and how to translate them. */
export function shakespeare(length) {
  const text = readText()
  const characters = [...new Set(text)].sort()
  const numbers = new Map(characters.map((character, i) => [character, i]))
  const encode = (part) => Int32Array.from(part, (character) => numbers.get(character))
  const cut = Math.floor(text.length * 0.9)
  const [train, test] = [text.slice(0, cut), text.slice(cut)].map((part) => pieces(encode(part), length))
  return { train, test, characters, encode }
}

/** One of the characters, by their logits: the lower the temperature, the surer the choice. `u` is from 0 to 1. */
export function choose(logits, temperature, u) {
  const largest = Math.max(...logits)
  const weights = Array.from(logits, (logit) => Math.exp((logit - largest) / temperature))
  let left = u * weights.reduce((sum, weight) => sum + weight, 0)
  const at = weights.findIndex((weight) => (left -= weight) < 0)
  return at < 0 ? weights.length - 1 : at
}
