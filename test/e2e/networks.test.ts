// The examples of docs/examples.md, each in a small run: as a user would run it, with options that make it short.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  dataFolder,
  hasFashionMnist,
  hasShakespeare,
  sayIfSkipped,
  sayIfSkippedShakespeare,
} from '../support/fashion.ts'
import { checkLines, type Lines } from '../support/lines.ts'
import { root, runNode } from '../support/processes.ts'

const folder = 'examples/networks'

interface Example {
  /** Options of the small run. */
  readonly options?: readonly string[]
  /** What it prints at least. */
  readonly lines: Lines
}

const picture = /^[ .:\-=+*#%@]{60,}$/

const examples: Record<string, Example> = {
  vae: {
    options: ['--epochs', '20'],
    lines: [
      /^epoch 1: loss [34]\d\.\d\d = reconstruction [34]\d\.\d\d \+ divergence \d\.\d\d$/,
      /^epoch 20: loss 2[3-6]\.\d\d = /,
      'Digits that nobody wrote:',
      picture,
    ],
  },
  embeddings: {
    lines: [
      /^embedding +\[\?, 2] +24 {2}district$/,
      /^off by [2-5]\d € a month; who always says the median is off by 333 €$/,
      /^Old Town \(16 €\/m²\) is most like (Castle|Lake|Hill|Park) \(1\d €\/m²\)$/,
      /^Gasworks \(7 €\/m²\) is most like (Station|Mill|East|North) \([78](\.5)? €\/m²\)$/,
    ],
  },
  'forecast-gru': {
    options: ['--epochs', '12'],
    lines: [
      /^the next hour: off by 1\.[2-6]\d MW; the hour before by 2\.68, the day before by 4\.42$/,
      /^1 hours ahead: off by [12]\.\d\d MW$/,
      /^24 hours ahead: off by [34]\.\d\d MW$/,
      /^ +0 +\d\d\.\d +40\.4$/,
    ],
  },
  gan: {
    options: ['--epochs', '50'],
    lines: [
      /^epoch 1: critic \d\.\d\d \(right 0\.\d\d\), generator \d\.\d\d$/,
      /^epoch 50: critic [01]\.\d\d \(right 0\.[5-9]\d\), generator [0-3]\.\d\d$/,
      'Digits that nobody wrote:',
      picture,
    ],
  },
  'two-digits': {
    options: ['--epochs', '10', '--pairs', '5000'],
    lines: [
      /^encoder \(2\) +\[\?, 32] +shared {2}right$/,
      'outputs: sum from sum, larger from larger',
      /^the sum is off by [1-3]\.\d\d \(root mean square\), the larger one is found in [89]\d\.\d %$/,
      /^sum 10, guessed \d+\.\d; right one larger: yes, guessed [01]\.\d\d$/,
    ],
  },
  transfer: {
    lines: [
      /^prime or not from 20 pictures, from nothing: 0\.[6-9]\d\d$/,
      /^the same with the layers that read digits: +0\.[89]\d\d$/,
      '6,273 parameters (24.5 KiB), 33 of them trained',
    ],
  },
}

const withFashion: Record<string, Example> = {
  'fashion-augmented': {
    options: ['--epochs', '1', '--samples', '3000'],
    lines: [
      /^batchNormalization +\[\?, 28, 28, 32] /,
      /^epoch 1: loss [12]\.\d{3}, accuracy 0\.[2-7]\d\d$/,
      /^test: loss \d\.\d{3}, /,
    ],
  },
  'fashion-cnn': {
    options: ['--epochs', '1', '--samples', '6000'],
    lines: [
      /^conv2d +\[\?, 28, 28, 32] +320$/,
      /^epoch 1: loss [01]\.\d{3}, accuracy 0\.[5-9]\d\d$/,
      /^test: .* 0\.[6-9]\d{3}$/,
    ],
  },
}

const withShakespeare: Record<string, Example> = {
  'shakespeare-transformer': {
    options: ['--iterations', '100'],
    lines: [
      /^100 iterations: loss [23]\.\d{3} on average$/,
      /^validation: loss 2\.\d{3}$/,
      '--- temperature 0.5',
      'ROMEO:',
      '--- temperature 1',
      'ROMEO:',
    ],
  },
  'shakespeare-lstm': {
    options: ['--epochs', '2', '--samples', '2000', '--units', '64'],
    lines: [
      /^epoch 1: loss [34]\.\d{3}, accuracy 0\.[12]\d\d$/,
      /^epoch 2: loss [23]\.\d{3}, accuracy 0\.[1-3]\d\d$/,
      /^test: loss [23]\.\d{3}$/,
      '--- temperature 0.5',
      'ROMEO:',
      '--- temperature 1',
      'ROMEO:',
    ],
  },
}

const helpers = ['options', 'pictures', 'shakespeare']

async function check(name: string, { options = [], lines }: Example): Promise<void> {
  const script = join(folder, `${name}.mjs`)
  const { code, stderr, stdout } = await runNode([script, ...options], root, { CHAINRULE_DATA: dataFolder })
  expect(code, stderr).toBe(0)
  checkLines(stdout.split('\n'), lines)
}

test('every script of the folder is run here, and shown in docs/examples.md', () => {
  const scripts = readdirSync(join(root, folder)).filter((file) => file.endsWith('.mjs'))
  const names = [examples, withFashion, withShakespeare].flatMap((some) => Object.keys(some))
  expect(scripts.sort()).toEqual([...names, ...helpers].map((name) => `${name}.mjs`).sort())
  const page = readFileSync(join(root, 'docs/examples.md'), 'utf8')
  for (const name of names) expect(page).toContain(`node ${folder}/${name}.mjs`)
})

test.each(Object.entries(examples))('%s', check)

sayIfSkipped('the networks on Fashion-MNIST')
describe.skipIf(!hasFashionMnist)('with Fashion-MNIST', () => {
  test.each(Object.entries(withFashion))('%s', check)
})

sayIfSkippedShakespeare('the networks that write')
describe.skipIf(!hasShakespeare)('with Shakespeare', () => {
  test.each(Object.entries(withShakespeare))('%s', check)
})
