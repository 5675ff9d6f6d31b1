/**
 * A process as a host, of which something never ends once it is asked to stop.
 */
import { Effect } from "effect"
import { run } from "../../src/host/Host.ts"

run(
  Effect.acquireRelease(Effect.sync(() => console.log("ready")), () => Effect.never).pipe(
    Effect.andThen(Effect.never),
    Effect.scoped
  )
)
