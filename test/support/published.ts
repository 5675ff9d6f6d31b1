/** The packages that are published, each after those that it needs. */
export const published = ["domain", "adapters", "http", "cli"] as const
