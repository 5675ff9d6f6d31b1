/**
 * The settings with which a production host refuses to start, because strangers could exploit them.
 */
import { type Option, Redacted, Schema } from "effect"
import { IpNetwork, NetAddress } from "effect/net"
import { faultOf } from "./SecretFault.ts"

/** A setting that is for development only. */
export class UnsafeInProduction extends Schema.TaggedError<UnsafeInProduction>()("UnsafeInProduction", {
  variable: Schema.String,
  /** As it goes on after the name of the variable. */
  detail: Schema.String
}) {
  override get message() {
    return `DCHAT_ENV is production, so ${this.variable} ${this.detail}`
  }
}

interface Settings {
  readonly publicUrl: Option.Option<URL>
  readonly allowedOrigins: ReadonlyArray<URL>
  readonly trustedProxies: ReadonlyArray<IpNetwork.IpNetwork>
  readonly rateLimits: "on" | "off"
  readonly serviceKeys: ReadonlyArray<Redacted.Redacted<string>>
}

/** The widest blocks of private addresses: 10.0.0.0/8 (RFC 1918) and fc00::/7 (RFC 4193). */
const widestPrefix = { ipv4: 8, ipv6: 7 }

const isTooWide = ({ address, prefixLength }: IpNetwork.IpNetwork): boolean =>
  prefixLength < (NetAddress.width(address) === 32 ? widestPrefix.ipv4 : widestPrefix.ipv6)

/** The first thing that is unsafe. It names no secret. */
export const unsafeIn = (
  { allowedOrigins, publicUrl, rateLimits, serviceKeys, trustedProxies }: Settings
): UnsafeInProduction | undefined => {
  const refuse = (variable: string, detail: string) => new UnsafeInProduction({ variable, detail })
  if (publicUrl._tag === "None" || publicUrl.value.protocol !== "https:") {
    return refuse("DCHAT_PUBLIC_URL", "has to be the public https URL of the host")
  }
  if (rateLimits === "off") return refuse("DCHAT_RATE_LIMITS", "cannot be off")
  const plain = allowedOrigins.find(({ protocol }) => protocol !== "https:")
  if (plain !== undefined) return refuse("DCHAT_ALLOWED_ORIGINS", `cannot hold ${plain.origin}: only https origins`)
  const wide = trustedProxies.find(isTooWide)
  if (wide !== undefined) {
    return refuse(
      "DCHAT_TRUSTED_PROXIES",
      `cannot hold ${IpNetwork.format(wide)}: list only the addresses of the proxies`
    )
  }
  for (const [index, key] of serviceKeys.entries()) {
    const fault = faultOf(Redacted.value(key))
    if (fault !== undefined) {
      return refuse(
        "DCHAT_SERVICE_KEYS",
        `cannot hold key ${index + 1}, which ${fault}: use \`openssl rand -base64 48\``
      )
    }
  }
  return undefined
}
