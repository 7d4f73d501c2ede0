import { oneOf } from '../options.ts'

/** `'auto'` is a bar on a terminal outside CI, else nothing. */
export type ProgressKind = 'auto' | 'bar' | 'lines' | false

/** What is used of a stream such as `process.stderr`. */
export interface ProgressStream {
  write(text: string): unknown
  readonly isTTY?: boolean | undefined
  /** The terminal's width in characters; 80 if it is not known. */
  readonly columns?: number | undefined
}

export interface Progress {
  /** Whether anything is shown. */
  readonly visible: boolean
  /** `epoch` counts from 1; `steps` is left out where nobody knows how many there will be. */
  epochStart(epoch: { epoch: number; epochs: number; steps?: number | undefined }): void
  /** `step` counts the steps that are done. May be called after every step: it seldom writes. */
  update(state: { step: number; loss?: number | undefined }): void
  /** Writes the epoch's line. `samples` were trained in `seconds`; the line does not show them. */
  epochEnd(logs: Readonly<Record<string, number>>, seconds: number, samples?: number): void
  /** Leaves the cursor at the start of a line, in mid-epoch too. To be called in the end, also on an error. */
  close(): void
}

const silent: Progress = { visible: false, epochStart() {}, update() {}, epochEnd() {}, close() {} }

// 10 times per second: often enough for the eye, too seldom to cost anything.
const redrawInterval = 100
const fullBar = 20
const smallestBar = 5
const gap = '  '

/**
 * The display of training. Throws ERR_OPTION for an unknown kind.
 * `now` is a clock in milliseconds.
 */
export function createProgress(
  kind: ProgressKind,
  stream: ProgressStream = process.stderr,
  now: () => number = () => performance.now(),
): Progress {
  const checked = oneOf(['auto', 'bar', 'lines', false])(kind, { where: 'fit', name: 'progress' })
  if (checked === 'lines') return createLines(stream)
  if (checked === 'bar' || (checked === 'auto' && isForEyes(stream))) return createBar(stream, now)
  return silent
}

function isForEyes(stream: ProgressStream): boolean {
  const { CI, TERM } = process.env
  const inCI = CI !== undefined && CI !== '' && CI !== '0' && CI !== 'false'
  return stream.isTTY === true && !inCI && TERM !== 'dumb'
}

function createLines(stream: ProgressStream): Progress {
  let title = ''
  return {
    ...silent,
    visible: true,
    epochStart: ({ epoch, epochs }) => {
      title = epochTitle(epoch, epochs)
    },
    // Never broken: each line is one epoch for grep and awk, whatever the terminal's width.
    epochEnd: (logs, seconds) => void stream.write(`${epochItems(title, logs, seconds).join(gap)}\n`),
  }
}

function createBar(stream: ProgressStream, now: () => number): Progress {
  const line = createLiveLine(stream)
  const glyphs = glyphsOf()
  const state = { title: '', step: 0, steps: undefined as number | undefined, loss: undefined as number | undefined }
  let drawn = -Infinity
  const draw = () => {
    const time = now()
    if (time - drawn < redrawInterval) return
    drawn = time
    const { title, step, steps, loss } = state
    const count = steps === undefined ? `${step} steps` : `${step}/${steps}`
    const tail = loss === undefined ? [count] : [count, `loss ${formatNumber(loss)}`]
    line.draw(barText({ title, tail, done: step, all: steps }, width(stream), glyphs))
  }
  return {
    visible: true,
    epochStart({ epoch, epochs, steps }) {
      Object.assign(state, { title: epochTitle(epoch, epochs), step: 0, steps, loss: undefined })
      draw()
    },
    update({ step, loss }) {
      state.step = step
      if (loss !== undefined) state.loss = loss
      draw()
    },
    epochEnd(logs, seconds) {
      line.replace(wrapItems(epochItems(state.title, logs, seconds), width(stream)))
    },
    close: () => line.end(),
  }
}

/** The display of something long that is no training: files that are fetched, pictures that are read. */
export interface TaskProgress {
  /** `all` is left out where nobody knows it. */
  start(title: string, all?: number): void
  /** `done` of `all`, in all. May be called often: it seldom writes. */
  update(done: number): void
  /** The task is done; leaves a line that says so. */
  end(): void
  /** Leaves the cursor at the start of a line. To be called in the end, also on an error. */
  close(): void
}

/**
 * Kinds as for {@link createProgress}; `where` is the function that was given it. Counts are shown divided by
 * `unit.size`. Throws ERR_OPTION for an unknown kind.
 */
export function createTaskProgress(
  where: string,
  kind: ProgressKind,
  unit: { readonly name: string; readonly size: number },
  stream: ProgressStream = process.stderr,
  now: () => number = () => performance.now(),
): TaskProgress {
  const checked = oneOf(['auto', 'bar', 'lines', false])(kind, { where, name: 'progress' })
  const bar = checked === 'bar' || (checked === 'auto' && isForEyes(stream))
  if (!bar && checked !== 'lines') return { start() {}, update() {}, end() {}, close() {} }
  const line = createLiveLine(stream)
  const glyphs = glyphsOf()
  const shown = (count: number) => (unit.size === 1 ? String(count) : (count / unit.size).toFixed(1))
  let [title, all, done, started, drawn] = ['', undefined as number | undefined, 0, 0, -Infinity]
  const draw = () => {
    const time = now()
    if (!bar || time - drawn < redrawInterval) return
    drawn = time
    const count = `${all === undefined ? '' : `${shown(done)}/`}${shown(all ?? done)} ${unit.name}`
    line.draw(barText({ title, tail: [count], done, all }, width(stream), glyphs))
  }
  return {
    start(name, total) {
      ;[title, all, done, started, drawn] = [oneLine(name), total, 0, now(), -Infinity]
      draw()
    },
    update(count) {
      done = count
      draw()
    },
    end() {
      const items = [title, formatSeconds((now() - started) / 1000), `${shown(done)} ${unit.name}`]
      line.replace(bar ? wrapItems(items, width(stream)) : [items.join(gap)])
    },
    close: () => line.end(),
  }
}

interface LiveLine {
  draw(text: string): void
  replace(lines: readonly string[]): void
  end(): void
}

/**
 * A line that is written over and over. The cursor stays visible, at its end: whatever kills the process, the
 * terminal needs no repair. Where the process ends by itself in mid-line, the next text still gets a line of its own.
 */
function createLiveLine(stream: ProgressStream): LiveLine {
  let open = false
  const end = () => {
    if (open) stream.write('\n')
    setOpen(false)
  }
  const setOpen = (value: boolean) => {
    if (value === open) return
    open = value
    const change = open ? 'on' : 'off'
    process[change]('exit', end)
    // Comes before the engine prints the error; it does not catch it.
    process[change]('uncaughtExceptionMonitor', end)
  }
  return {
    draw(text) {
      setOpen(true)
      // Where the terminal got narrower, a piece of the old bar may stay above. To move up and erase it would hit
      // results in terminals that do not reflow.
      stream.write(`\r${text}\x1b[K`)
    },
    replace(lines) {
      stream.write(`${open ? '\r' : ''}${lines.join('\x1b[K\n')}${open ? '\x1b[K' : ''}\n`)
      setOpen(false)
    },
    end,
  }
}

interface BarState {
  readonly title: string
  readonly tail: readonly string[]
  readonly done: number
  /** Undefined where nobody knows. */
  readonly all: number | undefined
}

/** The live line, cut to `columns`: first the bar gets shorter, then it goes, then the text is cut. */
function barText(state: BarState, columns: number, glyphs: { done: string; left: string }): string {
  const { title, tail, all } = state
  const text = [title, ...tail].join(gap)
  const room = Math.min(fullBar, columns - text.length - gap.length)
  if (all === undefined || room < smallestBar) return text.slice(0, columns)
  const done = Math.floor(room * Math.min(1, state.done / Math.max(1, all)))
  return [title, glyphs.done.repeat(done) + glyphs.left.repeat(room - done), ...tail].join(gap)
}

/** One less than the terminal has: writing into the last column makes some terminals wrap. */
function width(stream: ProgressStream): number {
  return Math.max(1, (stream.columns || 80) - 1)
}

function glyphsOf(): { done: string; left: string } {
  return speaksUnicode() ? { done: '━', left: '─' } : { done: '=', left: '-' }
}

function speaksUnicode(): boolean {
  const { LC_ALL, LC_CTYPE, LANG } = process.env
  const locale = LC_ALL || LC_CTYPE || LANG || 'UTF-8'
  // Without any locale (containers) terminals are UTF-8 nearly always.
  return /utf-?8/i.test(locale)
}

function epochTitle(epoch: number, epochs: number): string {
  return `epoch ${epoch}/${epochs}`
}

function epochItems(title: string, logs: Readonly<Record<string, number>>, seconds: number): string[] {
  const results = Object.entries(logs).map(([name, value]) => `${oneLine(name)} ${formatNumber(value)}`)
  return [title, formatSeconds(seconds), ...results]
}

/** Names come from users: a line end or escape sequence in one would break the display. */
function oneLine(name: string): string {
  return name.replace(/\p{Cc}/gu, ' ')
}

/** Breaks between items only, so that a narrow terminal hides no result; further lines are indented. */
function wrapItems(items: readonly string[], columns: number): string[] {
  const lines: string[] = []
  for (const item of items) {
    const longer = lines.length === 0 ? item : `${lines.at(-1)}${gap}${item}`
    if (lines.length > 0 && displayWidth(longer) <= columns) lines[lines.length - 1] = longer
    else lines.push(lines.length === 0 ? item : gap + item)
  }
  return lines
}

/** In terminal cells: East Asian letters and emoji take two, combining marks none. */
function displayWidth(text: string): number {
  const wide = text.match(/\p{sc=Han}|\p{sc=Hiragana}|\p{sc=Katakana}|\p{sc=Hangul}|\p{Emoji_Presentation}/gu)
  const none = text.match(/\p{M}/gu)
  return [...text].length + (wide?.length ?? 0) - (none?.length ?? 0)
}

/** Four significant digits; an exponent below 0.001 and from a million on. */
export function formatNumber(value: number): string {
  const size = Math.abs(value)
  if (!Number.isFinite(value)) return String(value)
  if (size === 0) return '0.000'
  // The bounds are where four digits round up to 0.001, a million and 10000; toPrecision would write 1.000e+4.
  if (size < 0.00099995 || size >= 999999.5) return value.toExponential(3)
  return size < 9999.5 ? value.toPrecision(4) : value.toFixed(0)
}

/** `4ms`, `0.4s`, `1m 23s`, `2h 05m`. */
export function formatSeconds(seconds: number): string {
  if (seconds < 0.0995) return `${Math.round(seconds * 1000)}ms`
  if (seconds < 59.95) return `${seconds.toFixed(1)}s`
  const whole = Math.round(seconds)
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60]
  if (hours > 0) return `${hours}h ${String(minutes).padStart(2, '0')}m`
  return `${minutes}m ${String(whole % 60).padStart(2, '0')}s`
}
