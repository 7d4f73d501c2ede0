// docs/layers.md as text: what is said in the doc comments of layers and of what they are configured with.
import { join } from 'node:path'
import { root } from './paths.mjs'
import { withPublicNames } from './public-names.mjs'

/**
 * @typedef {import('./public-names.mjs').Entry} Entry
 * @typedef {import('./public-names.mjs').PublicFunction} PublicFunction
 */

export const pagePath = join(root, 'docs', 'layers.md')

/** Options that every layer has: said once. */
const common = ['name', 'trainable']

/** Folders of src/layers, in the order of the page. What stands beside them is first. */
const rooms = [
  ['', 'Basics'],
  ['activations', 'Activations as layers'],
  ['convolution', 'Convolution'],
  ['pooling', 'Pooling'],
  ['normalization', 'Normalisation'],
  ['regularization', 'Noise and dropout'],
  ['noise', 'Noise and dropout'],
  ['shapes', 'Shapes'],
  ['augmentation', 'Augmentation and preparation of pictures'],
  ['recurrent', 'Recurrent layers'],
  ['embedding', 'Embedding'],
  ['attention', 'Embedding, attention, transformers'],
  ['merging', 'Merging'],
  ['merges', 'Merging'],
]

/** @param {string} text  one cell of a table */
const cell = (text) => text.replaceAll('\n', ' ').replaceAll('|', '\\|')

/** @param {PublicFunction} f */
export const isLayer = ({ file, members }) =>
  file.startsWith('src/layers/') && members.includes('apply') && members.includes('sublayers')

/**
 * @param {PublicFunction[]} layers
 * @returns {[title: string, layers: PublicFunction[]][]}
 */
function sections(layers) {
  const roomOf = (/** @type {PublicFunction} */ { file }) => file.split('/').slice(2, -1).join('/')
  const named = rooms.map(([room]) => room)
  const others = [...new Set(layers.map(roomOf))].filter((room) => !named.includes(room)).sort()
  const all = [...rooms, ...others.map((room) => [room, `${room.charAt(0).toUpperCase()}${room.slice(1)}`])]
  return all.flatMap(([room, title = '']) => {
    const inside = layers.filter((layer) => roomOf(layer) === room)
    return inside.length > 0 ? [/** @type {[string, PublicFunction[]]} */ ([title, inside])] : []
  })
}

/** @param {Entry[]} entries */
function table(entries) {
  if (entries.length === 0) return ''
  const rows = entries.map(
    ({ name, type, isOptional, doc }) => `| \`${name}${isOptional ? '?' : ''}\` | \`${cell(type)}\` | ${cell(doc)} |`,
  )
  return ['| | type | |', '|---|---|---|', ...rows].join('\n')
}

/** @param {PublicFunction} layer */
function layerText({ name, doc, positional, options }) {
  const own = options.filter((option) => !common.includes(option.name))
  const takes = [
    ...positional.map((p) => (p.isOptional ? `${p.name}?` : p.name)),
    ...(options.length ? ['options?'] : []),
  ]
  return [`### ${name}`, `\`${name}(${takes.join(', ')})\``, doc, table([...positional, ...own])]
    .filter((part) => part !== '')
    .join('\n\n')
}

/**
 * @param {string} title
 * @param {string} about
 * @param {Entry[]} entries
 */
function listText(title, about, entries) {
  if (entries.length === 0) return ''
  const lines = entries.map(({ name, takes, doc }) => {
    return `- \`${name}\`${takes ? ` \`(${takes})\`` : ''}${doc ? `: ${doc.replaceAll('\n', ' ')}` : ''}`
  })
  return `## ${title}\n\n${about}\n\n${lines.join('\n')}`
}

/** @param {import('./public-names.mjs').PublicNames} names */
function activationsText(names) {
  const described = new Map(names.entriesOf('activations').map((entry) => [entry.name, entry]))
  // Those without options are documented in the table of names.
  const entries = names.entriesWithin('src/activations.ts', 'table').map((entry) => {
    const { takes, doc } = described.get(entry.name) ?? { takes: '', doc: '' }
    return { ...entry, takes, doc: doc || entry.doc }
  })
  const others = [...described.values()].filter(
    ({ name }) => name !== 'custom' && !entries.some((e) => e.name === name),
  )
  const about =
    "By name, such as `dense(64, { activation: 'relu' })`; those with options also as `activations.NAME({ ... })`."
  return listText('Activations', about, [...entries, ...others])
}

/** The page, made anew. */
export function layersPage() {
  return withPublicNames((names) => {
    const layers = names.functions().filter(isLayer)
    const named = (/** @type {string} */ table) => names.entriesOf(table).filter(({ name }) => name !== 'custom')
    const parts = [
      '# Layers',
      `${layers.length} layers, made by functions. Shapes begin with the batch; pictures are channels last, sequences [batch, time, features].\n` +
        'Every layer also takes `name` (its name in paths such as `hidden.kernel`) and `trainable` (default true).\n' +
        '`npm run docs` makes this page from the doc comments.',
      sections(layers)
        .map(
          ([title, inside]) => `- ${title}: ${inside.map((l) => `[${l.name}](#${l.name.toLowerCase()})`).join(', ')}`,
        )
        .join('\n'),
      ...sections(layers).map(([title, inside]) => [`## ${title}`, ...inside.map(layerText)].join('\n\n')),
      activationsText(names),
      listText(
        'Initializers',
        "By name, such as `kernelInitializer: 'heNormal'`, or as `initializers.NAME({ ... })`.",
        named('initializers'),
      ),
      listText(
        'Constraints',
        'As `kernelConstraint: constraints.NAME({ ... })`: applied to the parameter after each update.',
        named('constraints'),
      ),
    ]
    return `${parts.filter((part) => part !== '').join('\n\n')}\n`
  })
}
