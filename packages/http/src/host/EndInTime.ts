/**
 * Ends the process when it was asked to stop and does not: the supervisor kills it soon, and what waits for a database
 * that does not answer may wait for longer than that.
 */

/**
 * In milliseconds. Those who stop processes are told to expect five seconds, and a host with much to do hears of the
 * signal, and of the end of this time, up to two seconds late.
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
