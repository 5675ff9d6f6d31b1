import type { CallCommand, CallRefusalOf, CallRequest, RequestRefusal } from "@dchat/domain/call"
import { describe, expectTypeOf, it } from "@effect/vitest"
import type { Types } from "effect"

type Refusals<Command extends CallCommand["_tag"]> = Types.Tags<CallRefusalOf<Command>>
type Answers<Request extends CallRequest["_tag"]> = Types.Tags<RequestRefusal<Request>>

describe("The typed refusals", () => {
  it("of a command are those that the rules of the command return", () => {
    expectTypeOf<Refusals<"Alert">>().toBeNever()
    expectTypeOf<Refusals<"Accept">>().toEqualTypeOf<
      "CallOver" | "NotInCall" | "NotPending" | "AnsweredElsewhere" | "InAnotherCall"
    >()
    expectTypeOf<Refusals<"Kick">>().toEqualTypeOf<"CallOver" | "NotInCall" | "WrongDevice" | "NotHost">()
  })

  it("of a request include those of its checks and of its facts", () => {
    expectTypeOf<Answers<"Kick">>().toEqualTypeOf<Refusals<"Kick"> | "CallNotFound" | "CallContended">()
    expectTypeOf<Answers<"Offer">>().toEqualTypeOf<
      Refusals<"Offer"> | "InvalidSdp" | "CallNotFound" | "CallContended"
    >()
    expectTypeOf<Answers<"Invite">>().toEqualTypeOf<
      Refusals<"Invite"> | "UnknownParticipant" | "RingingTooOften" | "CallNotFound" | "CallContended"
    >()
  })
})
