/**
 * Makes spans of requests only if a tracer is installed. Effect's own tracer exports nothing, and a span costs as much as
 * a step of a request.
 */
import { Effect, Layer, References, Tracer } from "effect"

export const layerSpansIfObserved = Layer.effect(
  References.TracerEnabled,
  Effect.gen(function*() {
    const isEnabled = yield* References.TracerEnabled
    return isEnabled && (yield* Tracer.Tracer) !== Tracer.nativeTracer
  })
)
