/**
 * The secrets of this host, checked against those of the other hosts of its database.
 */
import { MasterSecrets, verifySharedSecrets } from "@dchat/domain/identity"
import { Effect, Layer, Option } from "effect"
import { defaultDataDirectory, type HostConfig } from "./Config.ts"
import { masterSecrets } from "./Secrets.ts"

/**
 * A host with configured secrets does not start if the other hosts have none of them. A development host with a secret
 * of its own logs a warning instead.
 */
export const SharedSecrets = ({ dataDirectory, environment, secrets }: HostConfig) =>
  Layer.effectDiscard(
    Option.isSome(secrets)
      ? verifySharedSecrets()
      : Effect.catchTag(verifySharedSecrets(), "SecretsNotShared", (failure) => Effect.logWarning(failure.message))
  ).pipe(
    Layer.provideMerge(
      Layer.effect(
        MasterSecrets,
        masterSecrets({
          environment,
          secrets,
          directory: Option.getOrElse(dataDirectory, () => defaultDataDirectory)
        })
      )
    )
  )
