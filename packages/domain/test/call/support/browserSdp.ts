/**
 * Session descriptions as browsers write them.
 */

const lines = (...all: ReadonlyArray<string>) => all.map((line) => `${line}\r\n`).join("")

const digest = "6B:8B:F0:65:5F:78:E2:51:3B:AC:6F:F3:3F:46:1B:35:DC:B8:5F:64:1A:24:C2:43:F0:A1:58:D0:A1:2C:19:08"

export const chromeAudioVideo = lines(
  "v=0",
  "o=- 4611731400430051336 2 IN IP4 127.0.0.1",
  "s=-",
  "t=0 0",
  "a=group:BUNDLE 0 1",
  "a=extmap-allow-mixed",
  "a=msid-semantic: WMS 7f1d1ac5-2a4b-4d57-8dfd-cf2b1b0d9f3f",
  "m=audio 9 UDP/TLS/RTP/SAVPF 111 63 9 0 8 13 110 126",
  "c=IN IP4 0.0.0.0",
  "a=rtcp:9 IN IP4 0.0.0.0",
  "a=ice-ufrag:EsAw",
  "a=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1",
  "a=ice-options:trickle",
  `a=fingerprint:sha-256 ${digest}`,
  "a=setup:actpass",
  "a=mid:0",
  "a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level",
  "a=sendrecv",
  "a=rtcp-mux",
  "a=rtpmap:111 opus/48000/2",
  "a=rtcp-fb:111 transport-cc",
  "a=fmtp:111 minptime=10;useinbandfec=1",
  "a=rtpmap:63 red/48000/2",
  "a=fmtp:63 111/111",
  "a=ssrc:3570614608 cname:4TOk42mSjXCkVIa6",
  "m=video 9 UDP/TLS/RTP/SAVPF 96 97",
  "c=IN IP4 0.0.0.0",
  "a=ice-ufrag:EsAw",
  "a=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1",
  `a=fingerprint:sha-256 ${digest}`,
  "a=setup:actpass",
  "a=mid:1",
  "a=sendrecv",
  "a=rtcp-mux",
  "a=rtcp-rsize",
  "a=rtpmap:96 VP8/90000",
  "a=rtcp-fb:96 nack pli",
  "a=rtpmap:97 rtx/90000",
  "a=fmtp:97 apt=96"
)

export const firefoxAudio = lines(
  "v=0",
  "o=mozilla...THIS_IS_SDPARTA-99.0 7710052215259647220 0 IN IP4 0.0.0.0",
  "s=-",
  "t=0 0",
  `a=fingerprint:sha-256 ${digest}`,
  "a=group:BUNDLE 0",
  "a=ice-options:trickle",
  "a=msid-semantic:WMS *",
  "m=audio 9 UDP/TLS/RTP/SAVPF 109 9 0 8 101",
  "c=IN IP4 0.0.0.0",
  "a=sendrecv",
  "a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level",
  "a=fmtp:109 maxplaybackrate=48000;stereo=1;useinbandfec=1",
  "a=fmtp:101 0-15",
  "a=ice-pwd:5f1aa31b3d8d9f2c9e7b5a2a0be6bd8b",
  "a=ice-ufrag:bb0d1a5c",
  "a=mid:0",
  "a=msid:{0b1f6bb2-5d2f-45f6-9f3e-b9e6f1f3bd5c} {e4b8a3a1-72d9-4c9a-8b0e-4e8d5d2f5c11}",
  "a=rtcp-mux",
  "a=rtpmap:109 opus/48000/2",
  "a=setup:actpass",
  "a=ssrc:655508297 cname:{f3d1c7f4-6b1a-4c1d-8d3e-0a6d2c2b7e10}"
)

export const safariData = lines(
  "v=0",
  "o=- 2384576820245012305 2 IN IP4 127.0.0.1",
  "s=-",
  "t=0 0",
  "a=group:BUNDLE 0",
  "a=extmap-allow-mixed",
  "a=msid-semantic: WMS",
  "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
  "c=IN IP4 0.0.0.0",
  "a=ice-ufrag:BhfJ",
  "a=ice-pwd:PjC0xFyRWGyiPHrjFH0BHZWv",
  "a=ice-options:trickle",
  `a=fingerprint:sha-256 ${digest}`,
  "a=setup:actpass",
  "a=mid:0",
  "a=sctp-port:5000",
  "a=max-message-size:262144"
)
