/**
 * Repeats the answer of a request with the same idempotency key, including failures of the server, once the request had
 * begun (https://docs.stripe.com/api/idempotent_requests).
 */
import { StripeRefusal } from "./StripeRefusal.ts"

export interface Answer {
  readonly status: number
  readonly body: string
}

export class Idempotency {
  private readonly answers = new Map<string, Answer & { readonly asked: string }>()

  /** The answer that the key had; failing where it was used for something else. */
  find(key: string | undefined, asked: string): Answer | undefined {
    const known = key === undefined ? undefined : this.answers.get(key)
    if (known !== undefined && known.asked !== asked) {
      throw new StripeRefusal(400, {
        type: "idempotency_error",
        message: "Keys for idempotent requests can only be used with the same parameters they were first used with."
      })
    }
    return known
  }

  /** Only a started request is stored: not an invalid one, and not one that came too early. */
  keep(key: string | undefined, asked: string, answer: Answer): void {
    if (key !== undefined) this.answers.set(key, { ...answer, asked })
  }
}
