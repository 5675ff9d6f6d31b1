/**
 * Measurements as a table in Markdown.
 */
import type { Measurement } from "./Measurement.ts"

const digits = (value: number): string => {
  if (!Number.isFinite(value)) return "-"
  const size = Math.abs(value)
  return Number.isInteger(value) || size >= 100
    ? value.toFixed(0)
    : size >= 10
    ? value.toFixed(1)
    : value.toPrecision(2)
}

const row = (cells: ReadonlyArray<string>) => `| ${cells.join(" | ")} |`

export const table = (measurements: ReadonlyArray<Measurement>): string => {
  const names = [...new Set(measurements.flatMap(({ figures }) => Object.keys(figures)))]
  const head = ["load", "subject", "mode", ...names]
  const rows = measurements.map(({ figures, load, mode, subject }) =>
    row([load, subject, mode, ...names.map((name) => figures[name] === undefined ? "" : digits(figures[name]))])
  )
  return [row(head), row(head.map(() => "---")), ...rows].join("\n")
}
