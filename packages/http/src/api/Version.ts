/**
 * The version of the packages that the API reports.
 */
export const version = "0.1.0"
