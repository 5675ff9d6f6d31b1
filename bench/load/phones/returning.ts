/**
 * How clients come back after they have lost their connection.
 */
import { setTimeout as sleep } from "node:timers/promises"
import type { Phone } from "./Phone.ts"

/** Milliseconds between two attempts, at most. */
const longestPause = 400

/** Tries until the server lets the phone in. */
export const comeBack = async (phone: Phone): Promise<void> => {
  for (;;) {
    try {
      return await phone.comeBack()
    } catch {
      await sleep(longestPause * (0.5 + Math.random() / 2))
    }
  }
}

/** Lets phones come back whenever their connections end. */
export const keepConnected = (phones: ReadonlyArray<Phone>): void => {
  for (const phone of phones) phone.closed = () => void comeBack(phone)
}
