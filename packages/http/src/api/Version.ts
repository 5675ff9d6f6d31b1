/**
 * The version of the packages, as the API tells it.
 */
export const version = "0.1.0"
