import type {
  SubscriptionAdministration,
  SubscriptionCommand,
  SubscriptionRefusalOf,
  Subscriptions,
  Usage
} from "@dchat/domain/subscription"
import { describe, expectTypeOf, it } from "@effect/vitest"
import type { Effect, Types } from "effect"

type Refusals<Command extends SubscriptionCommand["_tag"]> = Types.Tags<SubscriptionRefusalOf<Command>>
type Step<Command extends SubscriptionCommand["_tag"]> = Refusals<Command> | "AccountContended"
type Action<Command extends SubscriptionCommand["_tag"]> = Step<Command> | "RefusedByProvider" | "IdempotencyConflict"
type Provider = "StripeNotConfigured" | "StripeUnavailable"

type Answers<Method> = Method extends (...request: never) => Effect.Effect<unknown, infer E> ? Types.Tags<E> : never
type OfUsers<Name extends keyof Subscriptions["Service"]> = Answers<Subscriptions["Service"][Name]>
type OfAdministrators<Name extends keyof SubscriptionAdministration["Service"]> = Answers<
  SubscriptionAdministration["Service"][Name]
>

describe("The typed refusals", () => {
  it("of a command are those that the rule of the command returns", () => {
    expectTypeOf<Refusals<"CreateLifetime">>().toEqualTypeOf<
      "LifetimeHeld" | "PaymentInProgress" | "TooManyCheckouts"
    >()
    expectTypeOf<Refusals<"Create">>().toEqualTypeOf<
      Refusals<"CreateLifetime"> | "AutoRenewUnsupported" | "SubscriptionExists"
    >()
    expectTypeOf<Refusals<"Renew">>().toEqualTypeOf<
      | Refusals<"CreateLifetime">
      | "NotChangeable"
      | "UseUndoCancel"
      | "RenewsAutomatically"
      | "RenewalNotOpen"
      | "SubscriptionExists"
      | "PastDue"
    >()
    expectTypeOf<Refusals<"UndoChange">>().toEqualTypeOf<"NoSubscription" | "NoPendingChange">()
    expectTypeOf<Refusals<"Refund">>().toEqualTypeOf<"NoSubscription" | "RefundInProgress" | "RefundNotAllowed">()
  })

  it("of a command that is never refused are none", () => {
    expectTypeOf<Refusals<"CheckoutOpened" | "IntentRefused" | "EndBilling" | "Tick">>().toBeNever()
  })

  it("of a user's operation include those of the provider, of the plans and of the idempotency key", () => {
    type Quote = "Web3NotConfigured" | "AssetNotOffered" | "WalletPlaceholder" | "WalletNotUsable" | "PriceUnavailable"
    type Purchase = Provider | Quote | "TooManyQuotes" | "PlanUnknown" | "IdempotencyConflict"
    expectTypeOf<OfUsers<"create">>().toEqualTypeOf<Step<"Create" | "CreateLifetime"> | Purchase>()
    expectTypeOf<OfUsers<"renew">>().toEqualTypeOf<Step<"Renew"> | Purchase | "NoSubscription">()
    expectTypeOf<OfUsers<"cancel">>().toEqualTypeOf<Action<"Cancel"> | Provider>()
    expectTypeOf<OfUsers<"undoCancel">>().toEqualTypeOf<Action<"UndoCancel">>()
    expectTypeOf<OfUsers<"change">>().toEqualTypeOf<Action<"Change"> | "PlanUnknown">()
    expectTypeOf<OfUsers<"undoChange">>().toEqualTypeOf<Action<"UndoChange">>()
    expectTypeOf<OfUsers<"refund">>().toEqualTypeOf<Action<"Refund">>()
  })

  it("of a preview lack those of a stored step and of an older preview", () => {
    expectTypeOf<OfUsers<"previewChange">>().toEqualTypeOf<
      Exclude<Refusals<"Change">, "PreviewExpired"> | Provider | "PlanUnknown"
    >()
  })

  it("of an administrator's operation are those of its command", () => {
    expectTypeOf<OfAdministrators<"grant">>().toEqualTypeOf<"PlanUnknown" | "GrantOver" | "AccountContended">()
    expectTypeOf<OfAdministrators<"revokeGrant">>().toEqualTypeOf<"GrantNotFound" | "AccountContended">()
    expectTypeOf<OfAdministrators<"cancel">>().toEqualTypeOf<Step<"Cancel">>()
    expectTypeOf<OfAdministrators<"endBilling">>().toEqualTypeOf<"AccountContended">()
  })

  it("of usage include a reached limit only if usage grows", () => {
    type Counted = "UsageOwnerUnknown" | "FeatureUnknown" | "IdempotencyConflict"
    expectTypeOf<Answers<Usage["Service"]["consume"]>>().toEqualTypeOf<Counted | "UsageLimitReached">()
    expectTypeOf<Answers<Usage["Service"]["release"]>>().toEqualTypeOf<Counted>()
  })
})
