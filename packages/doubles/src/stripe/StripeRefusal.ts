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
}

export const missing = (what: string, id: string): StripeRefusal =>
  new StripeRefusal(404, {
    type: "invalid_request_error",
    code: "resource_missing",
    message: `No such ${what}: '${id}'`
  })

export const invalid = (message: string, param?: string, code?: string): StripeRefusal =>
  new StripeRefusal(400, {
    type: "invalid_request_error",
    message,
    ...(param !== undefined && { param }),
    ...(code !== undefined && { code })
  })
