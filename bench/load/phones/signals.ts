/**
 * Session descriptions and candidates of the size that browsers write.
 */

/** An audio offer of Chrome, 1.7 kB. */
export const sdp = [
  "v=0",
  "o=- 4611731400430051336 2 IN IP4 127.0.0.1",
  "s=-",
  "t=0 0",
  "a=group:BUNDLE 0",
  "a=extmap-allow-mixed",
  "a=msid-semantic: WMS 7f1d1ac5-2a4b-4d57-8dfd-cf2b1b0d9f3f",
  "m=audio 9 UDP/TLS/RTP/SAVPF 111 63 9 0 8 13 110 126",
  "c=IN IP4 0.0.0.0",
  "a=rtcp:9 IN IP4 0.0.0.0",
  "a=ice-ufrag:EsAw",
  "a=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1",
  "a=ice-options:trickle",
  "a=fingerprint:sha-256 6B:8B:F0:65:5F:78:E2:51:3B:AC:6F:F3:3F:46:1B:35:DC:B8:5F:64:1A:24:C2:43:F0:A1:58:D0:A1:2C:19:08",
  "a=setup:actpass",
  "a=mid:0",
  "a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level",
  "a=extmap:2 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",
  "a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01",
  "a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid",
  "a=sendrecv",
  "a=msid:7f1d1ac5-2a4b-4d57-8dfd-cf2b1b0d9f3f 0f7d2d5a-5c3e-4f0e-9d55-2f0f0c1d6f5b",
  "a=rtcp-mux",
  "a=rtcp-rsize",
  "a=rtpmap:111 opus/48000/2",
  "a=rtcp-fb:111 transport-cc",
  "a=fmtp:111 minptime=10;useinbandfec=1",
  "a=rtpmap:63 red/48000/2",
  "a=fmtp:63 111/111",
  "a=rtpmap:9 G722/8000",
  "a=rtpmap:0 PCMU/8000",
  "a=rtpmap:8 PCMA/8000",
  "a=rtpmap:13 CN/8000",
  "a=rtpmap:110 telephone-event/48000",
  "a=rtpmap:126 telephone-event/8000",
  "a=ssrc:3570614608 cname:4TOk42mSjXCkVIa6",
  "a=ssrc:3570614608 msid:7f1d1ac5-2a4b-4d57-8dfd-cf2b1b0d9f3f 0f7d2d5a-5c3e-4f0e-9d55-2f0f0c1d6f5b"
].map((line) => `${line}\r\n`).join("")

/** The candidate with this number, which is its priority. */
export const candidate = (number: number) => ({
  candidate: `candidate:842163049 1 udp ${
    1_000_000_000 + number
  } 203.0.113.7 54609 typ srflx raddr 192.168.1.7 rport 50000 generation 0 ufrag EsAw network-cost 999`,
  sdpMid: "0",
  sdpMLineIndex: 0,
  usernameFragment: "EsAw"
})

/** The number of a candidate that `candidate` made. */
export const numberOf = (one: { readonly candidate: string }): number =>
  Number(one.candidate.split(" ")[3]) - 1_000_000_000
