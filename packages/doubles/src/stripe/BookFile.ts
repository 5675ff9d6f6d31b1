/**
 * Stores the books in a file, so that a restarted demo continues with them. Undelivered events are lost.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs"
import { dirname } from "node:path"
import type { Books } from "./Books.ts"

const shelves = [
  "customers",
  "methods",
  "products",
  "prices",
  "sessions",
  "subscriptions",
  "schedules",
  "invoices",
  "invoicePayments",
  "paymentIntents",
  "charges",
  "refunds",
  "disputes",
  "portals",
  "configurations"
] as const

/** The version of the format of the books. */
const format = 2

const maps = ["cards", "handedOn", "changes", "prorations"] as const

export const write = (books: Books, file: string): void => {
  const { count, origin, time } = books
  const kept = {
    format,
    count,
    origin,
    time,
    shelves: Object.fromEntries(shelves.map((name) => [name, books[name].all])),
    maps: Object.fromEntries(maps.map((name) => [name, [...books[name]]]))
  }
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(`${file}.new`, JSON.stringify(kept))
  renameSync(`${file}.new`, file)
}

/** Answers the time that it was, in seconds; 0 where there is no file. */
export const read = (books: Books, file: string): number => {
  if (!existsSync(file)) return 0
  const kept: {
    readonly format?: number
    readonly count: number
    readonly time: number
    readonly shelves: Record<string, ReadonlyArray<never>>
    readonly maps: Record<string, ReadonlyArray<readonly [never, never]>>
  } = JSON.parse(readFileSync(file, "utf8"))
  if (kept.format !== format) throw new Error(`${file}: another version wrote it; remove it, and the data beside it`)
  for (const name of shelves) for (const object of kept.shelves[name] ?? []) books[name].add(object)
  for (const name of maps) for (const [key, value] of kept.maps[name] ?? []) books[name].set(key, value)
  books.count = kept.count
  return kept.time
}
