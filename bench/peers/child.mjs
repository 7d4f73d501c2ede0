/** The runner's side of the conversation with a peer: a line of JSON each way. serve.py and serve.mjs are the other. */
import { spawn } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { environmentVariables } from './peers.mjs'

/** Long enough for a compiler; one that hangs must not hold up the others. */
const limit = 300_000

/** `{ ask(command, fields), close() }`; `log` is a file for what the child prints on stderr. */
export function startChild(peer, threads, { command }, log) {
  const file = fileURLToPath(new URL(peer.file, import.meta.url))
  const env = environmentVariables(peer, threads)
  const child = spawn(command, [file], { stdio: ['pipe', 'pipe', 'pipe'], env })
  const output = log ? createWriteStream(log, { flags: 'a' }) : null
  let last = ''
  child.stderr.on('data', (data) => {
    output?.write(data)
    last = String(data).trim().split('\n').at(-1) || last
  })
  child.on('error', (error) => (last = error.message))
  child.stdin.on('error', () => {}) // a child that ended is noticed where its answer is awaited
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    async ask(what, fields = {}) {
      child.stdin.write(`${JSON.stringify({ command: what, ...fields })}\n`)
      const timer = setTimeout(() => child.kill('SIGKILL'), limit)
      const { value, done } = await lines.next()
      clearTimeout(timer)
      if (done) throw new Error(`it ended: ${last}`)
      const answer = JSON.parse(value)
      if (answer.error) throw new Error(answer.error)
      return answer
    },
    close: () => child.kill(),
  }
}
