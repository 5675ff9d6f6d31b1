/**
 * The results of one benchmark with what a reader has to know of the run.
 */
import { readFile, writeFile } from "node:fs/promises"
import { cpus, loadavg } from "node:os"
import type { Options } from "../workloads/Benchmark.ts"
import type { Measurement } from "./Measurement.ts"
import { table } from "./table.ts"

export interface Report {
  readonly name: string
  readonly title: string
  /** The command line of the run. */
  readonly command: string
  readonly options: Options
  readonly machine: string
  /** Processes that ran or waited for a core in the minute before. A busy machine gives no figures, but still ratios. */
  readonly loadBefore: number
  readonly medians: ReadonlyArray<Measurement>
  readonly rounds: ReadonlyArray<Measurement>
}

export const machine = (): Pick<Report, "machine" | "loadBefore"> => {
  const [first] = cpus()
  return {
    machine: `${cpus().length} x ${first?.model.trim() ?? "unknown CPU"}, Node ${process.versions.node}`,
    loadBefore: loadavg()[0] ?? NaN
  }
}

export const markdown = (
  { command, loadBefore, machine, medians, name, options: { rounds, seconds }, title }: Report
): string =>
  `### ${name}: ${title}

\`${command}\`: medians of ${rounds} rounds of ${seconds} s, on ${machine}, load of the machine before ${
    loadBefore.toFixed(1)
  }.

${table(medians)}`

/** Replaces the report of this name in a document, which marks its place by comments. */
export const writeInto = async (path: string, report: Report): Promise<void> => {
  const [begin, end] = [`<!-- ${report.name} -->`, `<!-- end of ${report.name} -->`]
  const text = await readFile(path, "utf8")
  const [from, to] = [text.indexOf(begin), text.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`${path} has no place for ${report.name}`)
  await writeFile(path, `${text.slice(0, from + begin.length)}\n\n${markdown(report)}\n\n${text.slice(to)}`)
}
