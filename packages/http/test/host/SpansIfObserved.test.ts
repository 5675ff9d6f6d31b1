import { assert, describe, it } from "@effect/vitest"
import { Effect, References, Tracer } from "effect"
import { layerSpansIfObserved } from "../../src/host/SpansIfObserved.ts"

const areSpansMade = Effect.provide(References.TracerEnabled, layerSpansIfObserved)

const tracer = Tracer.make({ span: (options) => new Tracer.NativeSpan(options) })

describe("The spans of requests", () => {
  it.effect("are made for a tracer of the application", () =>
    Effect.gen(function*() {
      assert.isTrue(yield* Effect.provideService(areSpansMade, Tracer.Tracer, tracer))
    }))

  it.effect("are not made if no tracer is installed", () =>
    Effect.gen(function*() {
      assert.isFalse(yield* areSpansMade)
    }))

  it.effect("are not made if the application has switched them off", () =>
    Effect.gen(function*() {
      const switchedOff = Effect.provideService(areSpansMade, References.TracerEnabled, false)
      assert.isFalse(yield* Effect.provideService(switchedOff, Tracer.Tracer, tracer))
    }))
})
