/**
 * The settings of an installation for its calls.
 */
import { Context } from "effect"
import { type CallTimeouts, defaultTimeouts } from "../model/CallLimits.ts"

interface Settings {
  readonly timeouts: CallTimeouts
  /**
   * Days for which ended calls are kept at least. Calls are forgotten by whole calendar months. 0, or no number: for
   * ever.
   */
  readonly retentionDays?: number | undefined
}

export class CallSettings extends Context.Reference<Settings>(
  "@dchat/domain/call/CallSettings",
  { defaultValue: () => ({ timeouts: defaultTimeouts }) }
) {}
