// @effect-diagnostics missingEffectError:off
import { CallFull, CallOver, NotHost } from "@dchat/domain/call"
import { IdempotencyConflict } from "@dchat/domain/idempotency"
import { UserId } from "@dchat/domain/identity"
import {
  AccountContended,
  NoPendingChange,
  NoSubscription,
  RefusedByProvider,
  SamePlan,
  Subscriptions
} from "@dchat/domain/subscription"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { SecureRandom } from "effect/crypto"
import { HttpApi, HttpApiBuilder, HttpApiEndpoint, HttpApiGroup } from "effect/http-api"
import { readdir, readFile } from "node:fs/promises"
import { join } from "node:path"
import { Api } from "../../src/api/Api.ts"
import { problem } from "../../src/api/Problems.ts"
import { exactly } from "../../src/handlers/DeclaredErrors.ts"

const open = HttpApiEndpoint.get("open", "/open", {
  success: Schema.String,
  error: [problem(CallOver), problem(NotHost)]
})

const planted = HttpApi.make("planted").add(HttpApiGroup.make("calls").add(open))

const over = Effect.fail(new CallOver())
const notHost = Effect.fail(new NotHost())
const full = Effect.fail(new CallFull({ limit: 2 }))

const refusals = [
  problem(NoSubscription),
  problem(NoPendingChange),
  problem(RefusedByProvider),
  problem(IdempotencyConflict)
] as const

const exact = HttpApiEndpoint.post("undo", "/undo", { error: [...refusals, problem(AccountContended)] })
const forgetful = HttpApiEndpoint.post("undo", "/undo", { error: refusals })
const excessive = HttpApiEndpoint.post("undo", "/undo", {
  error: [...refusals, problem(AccountContended), problem(SamePlan)]
})

describe("The errors of an endpoint", () => {
  it("compile only if they are the errors of its handler", () => {
    HttpApiBuilder.group(planted, "calls", (handlers) => {
      exactly(handlers, { open: () => Effect.andThen(over, notHost) })
      // @ts-expect-error: the handler cannot fail with NotHost, which the endpoint declares.
      exactly(handlers, { open: () => over })
      // @ts-expect-error: the endpoint does not declare CallFull.
      exactly(handlers, { open: () => Effect.andThen(Effect.andThen(over, notHost), full) })
      return handlers.handleAll(exactly(handlers, { open: () => Effect.andThen(over, notHost) }))
    })
    const answers = { open: () => Effect.andThen(over, notHost) }
    assert.strictEqual(exactly({ "~EndpointsByIdentifier": { open } }, answers), answers)
  })

  it("compile only if they are the refusals that the service derives from its rules", () => {
    const undo = () =>
      Subscriptions.use(({ undoChange }) => Effect.asVoid(undoChange(UserId.make(SecureRandom.uuidV7Unsafe()))))
    assert.deepStrictEqual(exactly({ "~EndpointsByIdentifier": { undo: exact } }, { undo }), { undo })
    // @ts-expect-error: the endpoint does not declare AccountContended.
    exactly({ "~EndpointsByIdentifier": { undo: forgetful } }, { undo })
    // @ts-expect-error: the service cannot fail with SamePlan, which the endpoint declares.
    exactly({ "~EndpointsByIdentifier": { undo: excessive } }, { undo })
  })
  it("are compared for every group", async () => {
    const folder = join(import.meta.dirname, "../../src/handlers")
    const sources = await Promise.all((await readdir(folder)).map((file) => readFile(join(folder, file), "utf8")))
    const answers = sources.flatMap((source) => source.match(/handlers\.handle(?:All|Raw)?\(.{0,18}/gu) ?? [])
    assert.isAtLeast(answers.length, Object.keys(Api.groups).length)
    assert.deepStrictEqual(answers.filter((answer) => !answer.includes("(exactly(handlers,")), [])
  })
})
