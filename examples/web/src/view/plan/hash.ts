/** Where the plan's screen is. */
export const planHash = "#plan"
