/**
 * The secrets of an installation, from which every key is derived.
 */
import { Context, type Redacted } from "effect"

export class MasterSecrets extends Context.Service<MasterSecrets, {
  /**
   * The newest secret first: the newest secret makes new keys, and every secret accepts existing tokens. To change a
   * secret without interruption, append the new one on every host, then put it first, then drop the old one.
   */
  readonly secrets: readonly [Redacted.Redacted<string>, ...ReadonlyArray<Redacted.Redacted<string>>]
}>()("@dchat/domain/identity/MasterSecrets") {}
