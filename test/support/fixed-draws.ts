/**
 * What nobody seeds (first weights of a layer that is applied alone, a draw outside of programs) is different in every
 * process. Here it is the same in every run of a test file, so that what fails once fails again.
 */
let state = 0x2545f491

Math.random = () => {
  state = (state + 0x6d2b79f5) | 0
  let t = Math.imul(state ^ (state >>> 15), 1 | state)
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
}
