/**
 * The settings of an installation for its calls.
 */
import { Context } from "effect"
import { type CallTimeouts, defaultTimeouts } from "../model/CallLimits.ts"

export class CallSettings extends Context.Reference<{ readonly timeouts: CallTimeouts }>(
  "@dchat/domain/call/CallSettings",
  { defaultValue: () => ({ timeouts: defaultTimeouts }) }
) {}
