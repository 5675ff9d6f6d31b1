/**
 * Refuses unknown parameters of a request, like Stripe (https://docs.stripe.com/error-codes).
 */
import type { Form, Value } from "./FormBody.ts"
import { invalid } from "./StripeRefusal.ts"

/** The parameters of every request. */
const common = "expand.[]"

interface Leaf {
  readonly path: ReadonlyArray<string>
  readonly isEmpty: boolean
}

const leavesOf = (value: Value, path: ReadonlyArray<string> = []): ReadonlyArray<Leaf> =>
  typeof value === "string"
    ? [{ path, isEmpty: value === "" }]
    : Object.entries(value).flatMap(([key, inner]) => leavesOf(inner, [...path, key]))

const isSame = (wanted: string | undefined, key: string): boolean =>
  wanted === key || wanted === "*" || (wanted === "[]" && /^\d+$/.test(key))

/** An emptied parameter may be named without its members. */
const fits = ({ isEmpty, path }: Leaf, parameter: string): boolean => {
  const wanted = parameter.split(".")
  return path.every((key, index) => isSame(wanted[index], key)) && (isEmpty || path.length === wanted.length)
}

export const check = (form: Form, parameters: ReadonlyArray<string>): void => {
  for (const leaf of leavesOf(form)) {
    if ([...parameters, common].some((parameter) => fits(leaf, parameter))) continue
    const [first = "", ...rest] = leaf.path
    const name = first + rest.map((key) => `[${key}]`).join("")
    throw invalid(`Received unknown parameter: ${name}`, name, "parameter_unknown")
  }
}
