import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import {
  createProgress,
  createTaskProgress,
  formatNumber,
  formatSeconds,
  type ProgressKind,
} from '../src/reports/progress.ts'

// Stands for the escape sequence that erases to the end of the line.
const erase = '\0'

/** A terminal that understands what the display uses, and counts the lines that it had to wrap. */
class Screen {
  readonly isTTY: boolean
  columns: number
  lines: string[] = ['']
  column = 0
  wraps = 0
  writes = 0

  constructor(columns = 80, isTTY = true) {
    this.columns = columns
    this.isTTY = isTTY
  }

  write(text: string): void {
    this.writes++
    for (const token of text.replaceAll('\x1b[K', erase)) this.put(token)
  }

  private put(token: string): void {
    const last = this.lines.length - 1
    const line = this.lines[last] ?? ''
    if (token === '\r') this.column = 0
    else if (token === erase) this.lines[last] = line.slice(0, this.column)
    else if (token === '\n') this.newLine()
    else {
      if (this.column === (this.columns || 80)) {
        this.wraps++
        this.newLine()
        this.put(token)
        return
      }
      this.lines[last] = line.slice(0, this.column).padEnd(this.column) + token + line.slice(this.column + 1)
      this.column++
    }
  }

  private newLine(): void {
    this.lines.push('')
    this.column = 0
  }

  get text(): string {
    return this.lines.join('\n')
  }
}

beforeEach(() => {
  vi.stubEnv('CI', undefined)
  vi.stubEnv('TERM', 'xterm-256color')
  vi.stubEnv('LC_ALL', 'C.UTF-8')
})
afterEach(() => {
  vi.unstubAllEnvs()
})

function start(kind: ProgressKind, screen: Screen) {
  const clock = { time: 0 }
  return { clock, progress: createProgress(kind, screen, () => clock.time) }
}

const logs = { loss: 0.21049, accuracy: 0.94123, valLoss: 0.25031, valAccuracy: 0.92781 }
const finalLine = 'epoch 3/30  0.4s  loss 0.2105  accuracy 0.9412  valLoss 0.2503  valAccuracy 0.9278'

describe('bar', () => {
  test('one line, rewritten, then the final line', () => {
    const screen = new Screen(100)
    const { clock, progress } = start('bar', screen)
    progress.epochStart({ epoch: 3, epochs: 30, steps: 45 })
    expect(screen.text).toBe('epoch 3/30  ────────────────────  0/45')
    clock.time = 100
    progress.update({ step: 12, loss: 0.23811 })
    expect(screen.text).toBe('epoch 3/30  ━━━━━───────────────  12/45  loss 0.2381')
    clock.time = 200
    progress.update({ step: 45 })
    expect(screen.text).toBe('epoch 3/30  ━━━━━━━━━━━━━━━━━━━━  45/45  loss 0.2381')
    progress.epochEnd(logs, 0.4, 1437)
    expect(screen.text).toBe(`${finalLine}\n`)
    progress.epochStart({ epoch: 4, epochs: 30, steps: 45 })
    clock.time = 300
    progress.update({ step: 1 })
    expect(screen.text).toBe(`${finalLine}\nepoch 4/30  ────────────────────  1/45`)
    progress.close()
    progress.close()
    expect(screen.text).toMatch(/1\/45\n$/)
  })

  test('is drawn at most 10 times per second, also over many short epochs', () => {
    const screen = new Screen(100)
    const { clock, progress } = start('bar', screen)
    let finals = 0
    for (let epoch = 1; epoch <= 100; epoch++) {
      progress.epochStart({ epoch, epochs: 100, steps: 50 })
      for (let step = 1; step <= 50; step++, clock.time += 0.5) progress.update({ step, loss: 1 })
      progress.epochEnd({ loss: 1 }, 0.025, 1)
      finals++
    }
    // 2.5 seconds
    expect(screen.writes - finals).toBe(25)
    expect(screen.lines).toHaveLength(101)
    expect(screen.lines.slice(0, 2)).toEqual(['epoch 1/100  25ms  loss 1.000', 'epoch 2/100  25ms  loss 1.000'])
  })

  test('never wraps, whatever the width, and hides no result', () => {
    for (let columns = 1; columns < 120; columns++) {
      const screen = new Screen(columns)
      const { clock, progress } = start('bar', screen)
      progress.epochStart({ epoch: 3, epochs: 30, steps: 1000 })
      clock.time = 1000
      progress.update({ step: 999, loss: 1e-9 })
      expect(screen.lines).toHaveLength(1)
      expect(screen.lines[0]?.length).toBeLessThanOrEqual(Math.max(1, columns - 1))
      progress.epochEnd(logs, 0.4, 1)
      if (columns > 'valAccuracy 0.9278'.length + 2) expect(screen.wraps).toBe(0)
      expect(screen.text.replace(/\s+/g, ' ').includes(finalLine.replace(/ +/g, ' ')) || screen.wraps > 0).toBe(true)
    }
  })

  test('the bar shrinks, goes, and the text is cut', () => {
    const shown = (columns: number) => {
      const screen = new Screen(columns)
      const { progress } = start('bar', screen)
      progress.epochStart({ epoch: 3, epochs: 30, steps: 1000 })
      return screen.text
    }
    expect(shown(50)).toBe('epoch 3/30  ────────────────────  0/1000')
    expect(shown(30)).toBe('epoch 3/30  ─────────  0/1000')
    expect(shown(26)).toBe('epoch 3/30  ─────  0/1000')
    expect(shown(25)).toBe('epoch 3/30  0/1000')
    expect(shown(15)).toBe('epoch 3/30  0/')
  })

  test('long results are broken between items', () => {
    const screen = new Screen(44)
    const { progress } = start('bar', screen)
    progress.epochStart({ epoch: 3, epochs: 30, steps: 1 })
    progress.epochEnd(logs, 0.4, 1)
    expect(screen.lines).toEqual([
      'epoch 3/30  0.4s  loss 0.2105',
      '  accuracy 0.9412  valLoss 0.2503',
      '  valAccuracy 0.9278',
      '',
    ])
  })

  test('wide letters and control characters in names', () => {
    const screen = new Screen(30)
    const { progress } = start('bar', screen)
    progress.epochStart({ epoch: 1, epochs: 1, steps: 1 })
    progress.epochEnd({ 損失: 1, 'a\nb\x1b[2J': 2 }, 1, 1)
    expect(screen.lines).toEqual(['epoch 1/1  1.0s  損失 1.000', '  a b [2J 2.000', ''])
  })

  test('follows a change of width', () => {
    const screen = new Screen(60)
    const { clock, progress } = start('bar', screen)
    progress.epochStart({ epoch: 3, epochs: 30, steps: 10 })
    screen.columns = 30
    clock.time = 100
    progress.update({ step: 5, loss: 1 })
    expect(screen.text).toBe('epoch 3/30  5/10  loss 1.000')
  })

  test('steps that nobody knows; a width that nobody knows', () => {
    const screen = new Screen(0)
    const { clock, progress } = start('bar', screen)
    progress.epochStart({ epoch: 1, epochs: 2 })
    clock.time = 100
    progress.update({ step: 7, loss: 0.5 })
    expect(screen.text).toBe('epoch 1/2  7 steps  loss 0.5000')
  })

  test('without Unicode', () => {
    vi.stubEnv('LC_ALL', 'C')
    const screen = new Screen()
    const { clock, progress } = start('bar', screen)
    progress.epochStart({ epoch: 1, epochs: 2, steps: 4 })
    clock.time = 100
    progress.update({ step: 1 })
    expect(screen.text).toBe('epoch 1/2  =====---------------  1/4')
  })

  test('leaves no listeners behind', () => {
    const count = () => process.listenerCount('exit') + process.listenerCount('uncaughtExceptionMonitor')
    const before = count()
    for (let i = 0; i < 20; i++) {
      const { progress } = start('bar', new Screen())
      progress.epochStart({ epoch: 1, epochs: 1, steps: 1 })
      expect(count()).toBe(before + 2)
      if (i % 2 === 0) progress.epochEnd(logs, 1, 1)
      progress.close()
      expect(count()).toBe(before)
    }
  })

  test('no write before the first epoch, none on closing after the last', () => {
    const screen = new Screen()
    const { progress } = start('bar', screen)
    progress.close()
    expect(screen.writes).toBe(0)
    progress.epochStart({ epoch: 1, epochs: 1, steps: 1 })
    progress.epochEnd({}, 1, 1)
    progress.close()
    expect(screen.text).toBe('epoch 1/1  1.0s\n')
  })
})

describe('lines', () => {
  test('only the final lines, unbroken, without escape sequences', () => {
    const screen = new Screen(20, false)
    const write = vi.spyOn(screen, 'write')
    const { clock, progress } = start('lines', screen)
    for (const epoch of [3, 4]) {
      progress.epochStart({ epoch, epochs: 30, steps: 45 })
      clock.time += 1000
      progress.update({ step: 12, loss: 0.2 })
      progress.epochEnd(logs, 0.4, 1)
    }
    progress.close()
    expect(write.mock.calls).toEqual([[`${finalLine}\n`], [`${finalLine.replace('3/', '4/')}\n`]])
  })
})

describe('which kind', () => {
  const writes = (kind: ProgressKind, isTTY: boolean) => {
    const screen = new Screen(80, isTTY)
    const { progress } = start(kind, screen)
    progress.epochStart({ epoch: 1, epochs: 1, steps: 1 })
    progress.update({ step: 1 })
    progress.epochEnd({ loss: 1 }, 1, 1)
    progress.close()
    return screen.writes
  }

  test('auto: a bar on a terminal, silent elsewhere', () => {
    expect(writes('auto', true)).toBe(2)
    expect(writes('auto', false)).toBe(0)
    for (const value of ['', '0', 'false']) {
      vi.stubEnv('CI', value)
      expect(writes('auto', true)).toBe(2)
    }
    vi.stubEnv('CI', 'true')
    expect(writes('auto', true)).toBe(0)
    expect(writes('bar', false)).toBe(2)
    vi.stubEnv('CI', undefined)
    vi.stubEnv('TERM', 'dumb')
    expect(writes('auto', true)).toBe(0)
  })

  test('false is silent; others are refused', () => {
    expect(writes(false, true)).toBe(0)
    expect(() => createProgress('line' as ProgressKind)).toThrow(
      "fit: option 'progress' must be one of 'auto', 'bar', 'lines', false, got 'line'. Did you mean 'lines'?",
    )
    expect(() => createProgress(true as unknown as ProgressKind)).toThrow('got true. Give one of these.')
  })
})

test.each([
  [0.23811, '0.2381'],
  [0.05123456, '0.05123'],
  [0.001, '0.001000'],
  [0.00099999, '0.001000'],
  [0.00099994, '9.999e-4'],
  [-1.23456e-12, '-1.235e-12'],
  [1, '1.000'],
  [0.99996, '1.000'],
  [12.3456, '12.35'],
  [999.96, '1000'],
  [9999.4, '9999'],
  [9999.6, '10000'],
  [123456.7, '123457'],
  [999999.7, '1.000e+6'],
  [1234567, '1.235e+6'],
  [0, '0.000'],
  [-0, '0.000'],
  [NaN, 'NaN'],
  [-Infinity, '-Infinity'],
])('formatNumber(%d) is %s', (value, text) => {
  expect(formatNumber(value)).toBe(text)
})

test.each([
  [0, '0ms'],
  [0.0042, '4ms'],
  [0.0994, '99ms'],
  [0.0996, '0.1s'],
  [0.44, '0.4s'],
  [59.94, '59.9s'],
  [59.96, '1m 00s'],
  [83.4, '1m 23s'],
  [3599.6, '1h 00m'],
  [7500, '2h 05m'],
])('formatSeconds(%d) is %s', (seconds, text) => {
  expect(formatSeconds(seconds)).toBe(text)
})

describe('tasks', () => {
  const megabytes = { name: 'MB', size: 1e6 }

  test('a bar that becomes a line', () => {
    const screen = new Screen(60)
    let time = 0
    const progress = createTaskProgress('f', 'auto', megabytes, screen, () => time)
    progress.start('a.gz', 8e6)
    expect(screen.text).toBe(`a.gz  ${'─'.repeat(20)}  0.0/8.0 MB`)
    time = 2000
    progress.update(2e6)
    expect(screen.text).toBe(`a.gz  ${'━'.repeat(5)}${'─'.repeat(15)}  2.0/8.0 MB`)
    progress.update(8e6)
    progress.end()
    progress.close()
    expect(screen.text).toBe('a.gz  2.0s  8.0 MB\n')
  })

  test('no bar where the size is unknown, and a line of its own for what comes after an error', () => {
    const screen = new Screen(60)
    const progress = createTaskProgress('f', 'bar', { name: 'pictures', size: 1 }, screen, () => 0)
    progress.start('train')
    expect(screen.text).toBe('train  0 pictures')
    progress.close()
    expect(screen.text).toBe('train  0 pictures\n')
  })

  test('lines, and nothing where nobody looks', () => {
    const screen = new Screen(10, false)
    for (const kind of ['lines', 'auto', false] as const) {
      const progress = createTaskProgress('f', kind, { name: 'pictures', size: 1 }, screen, () => 0)
      progress.start(`${kind} to the end`, 3)
      progress.update(3)
      progress.end()
      progress.close()
    }
    expect(screen.text.replaceAll('\n', '')).toBe('lines to the end  0ms  3 pictures')
    expect(() => createTaskProgress('readAll', 'line' as ProgressKind, megabytes)).toThrow(
      /^readAll: option 'progress' must be one of 'auto', .*Did you mean 'lines'/,
    )
  })
})
