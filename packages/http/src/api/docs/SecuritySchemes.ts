/**
 * The ways to authenticate a request.
 */
export const securitySchemes = (cookie: string) => ({
  bearer: {
    type: "http",
    scheme: "bearer",
    description:
      "The token of a session, `dcs_` and 43 characters. A session ends 30 days after its sign-in, or after 7 days without a request."
  },
  session: {
    type: "apiKey",
    in: "cookie",
    name: cookie,
    description:
      "The cookie of a session, which scripts cannot read. Requests that change something need an allowed `Origin` as well."
  },
  serviceKey: {
    type: "http",
    scheme: "bearer",
    description: "A key of `DCHAT_SERVICE_KEYS`, by which a service of the installation counts usage."
  }
})
