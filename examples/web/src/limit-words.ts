/** The texts about the limits of plans, and about their usage. */
import { type Limit, type Limits, type Usage } from "./dchat-subscription.ts"
import { day } from "./plan-words.ts"

const sizes = [[1024 ** 4, "TB"], [1024 ** 3, "GB"], [1024 ** 2, "MB"], [1024, "KB"]] as const

const size = (bytes: number): string => {
  const [unit, name] = sizes.find(([unit]) => bytes >= unit) ?? [1, "bytes"]
  return `${number(bytes / unit)} ${name}`
}

const number = (value: number): string => new Intl.NumberFormat("en", { maximumFractionDigits: 1 }).format(value)

const counted: Record<string, (value: number) => string> = {
  uploadBytes: size,
  storageBytes: size,
  callSeconds: (seconds) => `${number(seconds / 60)} minutes`
}

const amount = (name: string, value: Limit): string =>
  value === "unlimited" ? "unlimited" : (counted[name] ?? number)(value)

const limitNames: Record<string, string> = {
  groupMembers: "Members of a group",
  uploadBytes: "Size of a file",
  callSeconds: "Length of a call",
  storageBytes: "Storage",
  customStickers: "Custom stickers"
}

export const featureName = (feature: string): string => {
  const words = feature.replaceAll("_", " ").replace(/\bnft\b/, "NFT").replace(/\bapi\b/, "API")
  return words.charAt(0).toUpperCase() + words.slice(1)
}

export const limitName = (name: string): string => limitNames[name] ?? featureName(name)

/** Each limit by its name, and in words. */
export const limitWords = (
  { monthly = {}, ...limits }: Limits
): ReadonlyArray<{ readonly name: string; readonly words: string }> => [
  ...Object.entries(limits).map(([name, value]) => ({ name, words: `${limitName(name)}: ${amount(name, value)}` })),
  ...Object.entries(monthly).map(([name, value]) => ({
    name,
    words: `${limitName(name)}: ${amount(name, value)}${value === "unlimited" ? "" : " a month"}`
  }))
]

export const usageWords = ({ feature, limit, resetsAt, used }: Usage): string => {
  const share = limit === "unlimited"
    ? `${amount(feature, used)} used, without a limit`
    : `${amount(feature, used)} of ${amount(feature, limit)}`
  const tooMuch = limit !== "unlimited" && used > limit ? ", above the limit of your plan (nothing is deleted)" : ""
  return `${limitName(feature)}: ${share}${tooMuch}${resetsAt === undefined ? "" : `, resets on ${day(resetsAt)}`}`
}
