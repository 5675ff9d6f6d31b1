/**
 * All benchmarks, by their names.
 */
import type { Benchmark } from "./workloads/Benchmark.ts"
import { C } from "./workloads/C.ts"
import { Growth } from "./workloads/Growth.ts"
import { H1 } from "./workloads/H1.ts"
import { M1 } from "./workloads/M1.ts"
import { S } from "./workloads/S.ts"
import { W1 } from "./workloads/W1.ts"
import { W1Offered } from "./workloads/W1Offered.ts"
import { W1Overload } from "./workloads/W1Overload.ts"
import { W2 } from "./workloads/W2.ts"
import { W3 } from "./workloads/W3.ts"
import { W4 } from "./workloads/W4.ts"
import { W5 } from "./workloads/W5.ts"
import { W6 } from "./workloads/W6.ts"

const benchmarks = new Map<string, Benchmark>([
  ["W1", W1],
  ["W1-offered", W1Offered],
  ["W1-overload", W1Overload],
  ["W2", W2],
  ["W3", W3],
  ["W4", W4],
  ["W5", W5],
  ["W6", W6],
  ["M1", M1],
  ["H1", H1],
  ["Growth", Growth],
  ["S", S],
  ["C", C]
])

/** The benchmarks with these names; all if there are none. */
export const benchmarksNamed = (names: ReadonlyArray<string>): ReadonlyArray<readonly [string, Benchmark]> => {
  const all = [...benchmarks.keys()]
  return (names.length === 0 ? all : names).map((name) => {
    const benchmark = benchmarks.get(name)
    if (benchmark === undefined) throw new Error(`there is no benchmark ${name}, but there are ${all.join(", ")}`)
    return [name, benchmark]
  })
}
