/**
 * Counts periods like Stripe: from the anchor, by the calendar, with the last day of a month that lacks the day.
 */
const monthsOf = { month: 1, year: 12 } as const

export type Interval = keyof typeof monthsOf

/** `count` intervals after the anchor, in seconds. */
export const after = (anchor: number, interval: Interval, count: number): number => {
  const from = new Date(anchor * 1000)
  const months = from.getUTCMonth() + monthsOf[interval] * count
  const first = Date.UTC(from.getUTCFullYear(), months, 1)
  const lastDay = new Date(Date.UTC(from.getUTCFullYear(), months + 1, 0)).getUTCDate()
  const day = Math.min(from.getUTCDate(), lastDay)
  const time = from.getTime() - Date.UTC(from.getUTCFullYear(), from.getUTCMonth(), from.getUTCDate())
  return Math.floor((first + (day - 1) * 24 * 3600 * 1000 + time) / 1000)
}

/** The end of the period that begins at `start`. */
export const periodEnd = (anchor: number, interval: Interval, start: number): number => {
  let count = 1
  while (after(anchor, interval, count) <= start) count += 1
  return after(anchor, interval, count)
}

/** Whether a period begins at `time`. */
export const isTurn = (anchor: number, interval: Interval, time: number): boolean => {
  let count = 0
  while (after(anchor, interval, count) < time) count += 1
  return after(anchor, interval, count) === time
}
