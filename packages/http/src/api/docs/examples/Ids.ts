/**
 * The identifiers, tokens and times of all examples. None of them was ever valid.
 */
export const ids = {
  ann: "01985f00-aaaa-7bbb-8ccc-000000000001",
  bob: "01985f00-aaaa-7bbb-8ccc-000000000002",
  carol: "01985f00-aaaa-7bbb-8ccc-000000000003",
  call: "01985f2e-6d3a-7c41-9f08-2b6d1c5e7a10",
  session: "01985f2d-1111-7abc-8def-0123456789ab",
  otherSession: "01985f2d-2222-7abc-8def-0123456789ab",
  wallet: "01985f00-dddd-7eee-8fff-000000000001",
  nonce: "01985f2d-3333-7abc-8def-0123456789ab",
  flow: "01985f2d-4444-7abc-8def-0123456789ab",
  purchase: "01985f40-1a1a-7b7b-8c8c-2e2e2e2e2e2e",
  lifetime: "01985f40-3b3b-7b7b-8c8c-2e2e2e2e2e2e",
  payment: "01985f40-5c5c-7a7a-9b9b-1d1d1d1d1d1d"
} as const

export const tokens = {
  session: "dcs_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
  nextSession: "dcs_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB",
  realtime: "dct_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
  merge: "dcm_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
  code: "dcc_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
} as const

export const addresses = {
  ann: "0x71c7656ec7ab88b098defb751b7401b5f6d8976f"
} as const

export const times = {
  registered: "2026-01-01T09:00:00.000Z",
  signedIn: "2026-01-15T11:58:00.000Z",
  placed: "2026-01-15T12:00:00.000Z",
  answered: "2026-01-15T12:00:06.000Z",
  ended: "2026-01-15T12:05:06.000Z"
} as const

export const sdp = "v=0\r\no=- 4611731400430051336 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"

export const signature = `0x${"1b".repeat(65)}`
