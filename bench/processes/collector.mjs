// Collects garbage when the benchmark asks (SIGUSR2), so that memory in use can be told from garbage. The last resort
// returns free pages to the system.
process.on("SIGUSR2", () => globalThis.gc({ type: "major", execution: "sync", flavor: "last-resort" }))
