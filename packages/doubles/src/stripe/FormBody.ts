/**
 * Parses the form encoding of Stripe's API: `items[0][price]=p&expand[]=schedule`.
 */
export type Form = { readonly [key: string]: Value }
export type Value = string | ReadonlyArray<Value> | Form

const isForm = (value: Value | undefined): value is Form => typeof value === "object" && !Array.isArray(value)

const insert = (into: Map<string, unknown>, [key = "", ...rest]: ReadonlyArray<string>, value: string): void => {
  const name = key === "" ? String(into.size) : key
  if (rest.length === 0) return void into.set(name, value)
  const known = into.get(name)
  const inner = known instanceof Map ? known as Map<string, unknown> : new Map<string, unknown>()
  into.set(name, inner)
  insert(inner, rest, value)
}

const built = (map: Map<string, unknown>): Value => {
  const entries = [...map].map((
    [key, value]
  ): [string, Value] => [key, value instanceof Map ? built(value) : String(value)])
  const isList = entries.length > 0 && entries.every(([key], index) => key === String(index))
  return isList ? entries.map(([, value]) => value) : Object.fromEntries(entries)
}

export const parse = (text: string): Form => {
  const map = new Map<string, unknown>()
  for (const [path, value] of new URLSearchParams(text)) {
    insert(map, path.replaceAll("]", "").split("["), value)
  }
  const value = built(map)
  return isForm(value) ? value : {}
}

export const textAt = (form: Value | undefined, ...path: ReadonlyArray<string | number>): string | undefined => {
  const value = valueAt(form, ...path)
  return typeof value === "string" ? value : undefined
}

export const numberAt = (form: Value | undefined, ...path: ReadonlyArray<string | number>): number | undefined => {
  const text = textAt(form, ...path)
  return text === undefined || text === "" ? undefined : Number(text)
}

export const listAt = (form: Value | undefined, ...path: ReadonlyArray<string | number>): ReadonlyArray<Value> => {
  const value = valueAt(form, ...path)
  return Array.isArray(value) ? value as ReadonlyArray<Value> : []
}

/** Texts by their names, as metadata are. */
export const recordAt = (form: Value | undefined, ...path: ReadonlyArray<string | number>): Record<string, string> => {
  const value = valueAt(form, ...path)
  if (!isForm(value)) return {}
  return Object.fromEntries(Object.entries(value).flatMap(([key, it]) => typeof it === "string" ? [[key, it]] : []))
}

export const valueAt = (form: Value | undefined, ...path: ReadonlyArray<string | number>): Value | undefined =>
  path.reduce<Value | undefined>((value, key) => {
    if (value === undefined || typeof value === "string") return undefined
    return Array.isArray(value) ? (value as ReadonlyArray<Value>)[Number(key)] : (value as Form)[key]
  }, form)
