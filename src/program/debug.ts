/**
 * Debug mode, for all programs of the process: `CHAINRULE_DEBUG=1`. No memory is reused and every value is checked
 * after each instruction, so an error names the layer and the operation where the first bad number arose.
 */
export function debugging(): boolean {
  return process.env.CHAINRULE_DEBUG === '1'
}
