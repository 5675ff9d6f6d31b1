/**
 * The plans of this installation.
 */
import { Context } from "effect"
import { defaultPlans, type Plans } from "../model/Plans.ts"

export class Catalogue extends Context.Reference<Plans>("@dchat/domain/subscription/Catalogue", {
  defaultValue: () => defaultPlans
}) {}
