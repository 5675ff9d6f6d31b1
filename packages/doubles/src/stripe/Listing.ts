/**
 * Lists and filters objects like Stripe, newest first (https://docs.stripe.com/api/pagination).
 */
import { type Form, listAt, numberAt, textAt } from "./FormBody.ts"
import { invalid, missing } from "./StripeRefusal.ts"

export const isExpanded = (form: Form, field: string): boolean => listAt(form, "expand").includes(field)

const limitIn = (form: Form): number => {
  const limit = numberAt(form, "limit") ?? 10
  if (!(limit >= 1 && limit <= 100)) throw invalid("`limit` must be between 1 and 100", "limit")
  return limit
}

export const listOf = <A extends { readonly id: string }>(
  objects: ReadonlyArray<A>,
  form: Form,
  url: string,
  present: (object: A) => unknown = (object) => object
) => {
  const limit = limitIn(form)
  const after = textAt(form, "starting_after")
  const last = objects.findIndex(({ id }) => id === after)
  if (after !== undefined && last < 0) throw missing("object", after, "starting_after")
  const rest = objects.slice(last + 1)
  return { object: "list", url, has_more: limit < rest.length, data: rest.slice(0, limit).map(present) }
}

/** Whether an object has what was asked for; what was not asked for is anything. */
export const matches = (form: Form, fields: Record<string, string | boolean | null>): boolean =>
  Object.entries(fields).every(([name, value]) => {
    const wanted = textAt(form, name)
    return wanted === undefined || wanted === String(value)
  })
