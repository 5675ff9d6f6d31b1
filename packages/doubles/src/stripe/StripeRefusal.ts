/**
 * An answer of the API that is a failure (https://docs.stripe.com/api/errors).
 */
export class StripeRefusal extends Error {
  readonly status: number
  readonly body: { readonly type: string; readonly code?: string; readonly message: string; readonly param?: string }

  constructor(status: number, body: StripeRefusal["body"]) {
    super(body.message)
    this.status = status
    this.body = body
  }

  /** Whether more was done than to look at the parameters: then the answer is the one that the request has. */
  get isBegun(): boolean {
    return this.body.type !== "idempotency_error" && (this.status !== 400 || this.body.param === undefined)
  }
}

/** Asked for by its address; `param` where it was named by a parameter, which is another failure. */
export const missing = (what: string, id: string, param?: string): StripeRefusal =>
  new StripeRefusal(param === undefined ? 404 : 400, {
    type: "invalid_request_error",
    code: "resource_missing",
    message: `No such ${what}: '${id}'`,
    param: param ?? "id"
  })

/** Stripe would do it. */
export const unmodelled = (what: string, param: string): StripeRefusal => invalid(`The double has no ${what}`, param)

export const declined = (): StripeRefusal =>
  new StripeRefusal(402, { type: "card_error", code: "card_declined", message: "Your card was declined." })

export const invalid = (message: string, param?: string, code?: string): StripeRefusal =>
  new StripeRefusal(400, {
    type: "invalid_request_error",
    message,
    ...(param !== undefined && { param }),
    ...(code !== undefined && { code })
  })
