/**
 * Reads the phases that a schedule is told: one after the other without a gap, each with an end of its own
 * (https://docs.stripe.com/api/subscription_schedules/update).
 */
import type { Books } from "./Books.ts"
import { after } from "./Calendar.ts"
import type * as Documents from "./Documents.ts"
import { type Form, listAt, numberAt, textAt, type Value } from "./FormBody.ts"
import { invalid, unmodelled } from "./StripeRefusal.ts"

const most = 10

const isOneOf = <const Words extends ReadonlyArray<string>>(words: Words, word: string): word is Words[number] =>
  words.includes(word)

const wordAt = <const Words extends ReadonlyArray<string>, Rest>(
  phase: Value,
  key: string,
  words: Words,
  otherwise: Rest
): Words[number] | Rest => {
  const word = textAt(phase, key)
  if (word === undefined) return otherwise
  if (!isOneOf(words, word)) throw invalid(`Invalid ${key}: ${word}`, `phases[][${key}]`)
  return word
}

const endOf = (phase: Value, start: number, next: Value | undefined): number => {
  const until = numberAt(phase, "end_date")
  const interval = textAt(phase, "duration", "interval")
  if (until !== undefined && interval !== undefined) {
    throw invalid("You may only specify one of `duration` and `end_date`", "phases[][duration]")
  }
  if (interval !== undefined && interval !== "month" && interval !== "year") {
    throw unmodelled(`duration in the unit ${interval}`, "phases[][duration][interval]")
  }
  const lasts = interval && after(start, interval, numberAt(phase, "duration", "interval_count") ?? 1)
  const end = until ?? lasts ?? numberAt(next, "start_date")
  if (end === undefined) throw invalid("The last phase needs a `duration` or an `end_date`", "phases[][end_date]")
  if (!(end > start)) throw invalid("A phase must end after it starts", "phases[][end_date]")
  return end
}

const priceOf = (books: Books, phase: Value): string => {
  if (listAt(phase, "items").length !== 1 || (numberAt(phase, "items", 0, "quantity") ?? 1) !== 1) {
    throw unmodelled("phase of anything but one item", "phases[][items]")
  }
  return books.prices.named(textAt(phase, "items", 0, "price"), "phases[][items][0][price]").id
}

const methodOf = (books: Books, phase: Value): string | null => {
  const method = textAt(phase, "default_payment_method")
  return method === undefined ? null : books.methods.named(method, "phases[][default_payment_method]").id
}

/** `runningSince`: when the phase began that runs. Those before it may be left out, and are here. */
export const phasesIn = (books: Books, form: Form, runningSince: number): Array<Documents.Phase> => {
  const told = listAt(form, "phases")
  if (told.length > most) throw invalid(`A schedule may have at most ${most} phases`, "phases")
  if (numberAt(told[0], "start_date") !== runningSince) {
    throw invalid("You can not modify the start date of the current phase", "phases[0][start_date]")
  }
  let start = runningSince
  return told.map((phase, index) => {
    if ((numberAt(phase, "start_date") ?? start) !== start) {
      throw invalid("A phase must start when the one before it ends", `phases[${index}][start_date]`)
    }
    const end_date = endOf(phase, start, told[index + 1])
    const read: Documents.Phase = {
      start_date: start,
      end_date,
      billing_cycle_anchor: wordAt(phase, "billing_cycle_anchor", ["automatic", "phase_start"], null),
      default_payment_method: methodOf(books, phase),
      proration_behavior: wordAt(
        phase,
        "proration_behavior",
        ["always_invoice", "create_prorations", "none"],
        "create_prorations"
      ),
      items: [{ price: priceOf(books, phase), quantity: 1 }]
    }
    start = end_date
    return read
  })
}
