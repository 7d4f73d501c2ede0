export * from './ops/elementwise.ts'
import './tensor/methods.ts'
import './program/evaluate.ts'
export { program } from './program/program.ts'
