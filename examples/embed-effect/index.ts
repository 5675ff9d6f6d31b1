/**
 * A whole host inside a program on Effect, beside the program's own work.
 */
import { UserId } from "@dchat/domain/identity"
import { Entitlements } from "@dchat/domain/subscription"
import { Dchat } from "@dchat/http"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Console, Effect, Layer } from "effect"

const Report = Layer.effectDiscard(
  Effect.gen(function*() {
    const { plan, source } = yield* (yield* Entitlements).of(UserId.make("01900000-0000-7000-8000-00000000000a"))
    yield* Console.log(`a new user has ${plan.tier}, by ${source}`)
  })
)

const Host = Dchat.layer({ port: Number(process.env["PORT"] ?? 3000) })

NodeRuntime.runMain(Layer.launch(Report.pipe(Layer.provide(Host))))
