/**
 * Ends the process if a requested stop takes too long. The supervisor kills the process soon, and work that waits for a
 * database without an answer may take longer than that.
 */

/**
 * The time to stop, in milliseconds. Operators are told to allow five seconds. A busy host notices the
 * signal, and the end of this time, up to two seconds late.
 */
const stopTimeout = 3000

const endSoon = () => {
  const timer = setTimeout(() => {
    console.error("dchat did not stop in time and ends now: a task still waits for an answer")
    process.exit(0)
  }, stopTimeout)
  timer.unref()
}

/** From the first signal on. An embedded database is stopped by the listener that its owner has on the exit. */
export const endInTime = (): void => {
  process.once("SIGTERM", endSoon)
  process.once("SIGINT", endSoon)
}
