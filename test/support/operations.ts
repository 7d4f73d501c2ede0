/**
 * All operations of src/ops. Their records are private to their modules, and a list by hand would miss the new one: so
 * every module of the folder is imported, and V8's inspector shows what its functions can reach.
 */
import { readdirSync } from 'node:fs'
import { type Runtime, Session } from 'node:inspector'
import type { Operation } from '../../src/tensor/graph.ts'

const folder = new URL('../../src/ops/', import.meta.url)

export interface OpsModule {
  readonly file: string
  readonly exports: Readonly<Record<string, unknown>>
}

export async function opsModules(): Promise<OpsModule[]> {
  const files = readdirSync(folder).filter((file) => file.endsWith('.ts'))
  return Promise.all(
    files.map(async (file) => ({
      file,
      exports: (await import(/* @vite-ignore */ new URL(file, folder).href)) as object as Record<string, unknown>,
    })),
  )
}

const isOperation = (value: unknown): value is Operation =>
  typeof value === 'object' && value !== null && typeof (value as Operation).infer === 'function'

export async function allOperations(): Promise<Operation[]> {
  const seen = new Set<unknown>()
  const found: Operation[] = []
  const session = new Session()
  session.connect()
  const visit = (value: unknown): void => {
    if ((typeof value !== 'function' && typeof value !== 'object') || value === null || seen.has(value)) return
    seen.add(value)
    if (isOperation(value)) found.push(value)
    if (typeof value === 'function') for (const variable of reachable(session, value)) visit(variable)
    else if (Object.getPrototypeOf(value) === Object.prototype) for (const inner of Object.values(value)) visit(inner)
  }
  for (const { exports } of await opsModules()) for (const value of Object.values(exports)) visit(value)
  session.disconnect()
  return found
}

const here = globalThis as { handed?: unknown }

/** The variables that a function closes over: of the functions around it, and of its module. */
function reachable(session: Session, f: unknown): unknown[] {
  here.handed = f
  const { objectId } = post<Runtime.EvaluateReturnType>(session, 'Runtime.evaluate', { expression: 'handed' }).result
  const { internalProperties = [] } = propertiesOf(session, objectId!)
  const scopes = internalProperties.find(({ name }) => name === '[[Scopes]]')?.value
  if (!scopes?.objectId) return []
  return propertiesOf(session, scopes.objectId).result.flatMap(({ value }) =>
    /^(Closure|Module|Block|Script)/.test(value?.description ?? '') ? variablesOf(session, value!.objectId!) : [],
  )
}

function variablesOf(session: Session, objectId: string): unknown[] {
  const objects = propertiesOf(session, objectId).result.flatMap(({ value }) =>
    value?.objectId ? [value.objectId] : [],
  )
  return objects.map((id) => {
    const functionDeclaration = 'function () { globalThis.handed = this }'
    post(session, 'Runtime.callFunctionOn', { objectId: id, functionDeclaration })
    return here.handed
  })
}

const propertiesOf = (session: Session, objectId: string) =>
  post<Runtime.GetPropertiesReturnType>(session, 'Runtime.getProperties', { objectId, ownProperties: true })

// A session with its own process answers before `post` returns.
function post<R>(session: Session, method: string, params: object): R {
  let answer: R | undefined
  session.post(method, params, (error: Error | null, result?: object) => {
    if (error) throw error
    answer = result as R
  })
  return answer!
}
