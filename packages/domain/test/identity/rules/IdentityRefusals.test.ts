import type { Identities, IdentityRefusalOf } from "@dchat/domain/identity"
import { describe, expectTypeOf, it } from "@effect/vitest"
import type { Effect, Types } from "effect"

type UnlinkWallet = ReturnType<Identities["Service"]["unlinkWallet"]>

describe("The typed refusals", () => {
  it("of a command are those that the rules of the command return", () => {
    expectTypeOf<Types.Tags<IdentityRefusalOf<"Disable">>>().toEqualTypeOf<"UserNotFound">()
    expectTypeOf<Types.Tags<IdentityRefusalOf<"SignIn">>>().toEqualTypeOf<"UserNotFound" | "UserDisabled">()
    expectTypeOf<Types.Tags<IdentityRefusalOf<"UnlinkWallet">>>().toEqualTypeOf<
      "UserNotFound" | "UserDisabled" | "ReauthRequired" | "WalletNotFound" | "LastLoginMethod"
    >()
  })

  it("of an operation include those of the session", () => {
    expectTypeOf<Types.Tags<Effect.Error<UnlinkWallet>>>().toEqualTypeOf<
      Types.Tags<IdentityRefusalOf<"UnlinkWallet">> | "SessionInvalid" | "TokenReplaced"
    >()
  })
})
