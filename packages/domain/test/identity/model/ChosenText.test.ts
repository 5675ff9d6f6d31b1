import { ChosenLine, ChosenName, displayNameOfProfile } from "@dchat/domain/identity"
import { assert, describe, it } from "@effect/vitest"
import { Option, Schema } from "effect"

const nameOf = (text: string): string | undefined => Option.getOrUndefined(Schema.decodeUnknownOption(ChosenName)(text))
const lineOf = (text: string): string | undefined => Option.getOrUndefined(Schema.decodeUnknownOption(ChosenLine)(text))

describe("A chosen name", () => {
  it.each([
    "Ann",
    "Ann-Marie O'Neill, Jr.",
    "Zoë Müller",
    "王小明",
    "Ирина",
    "محمد",
    "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
    "\u0915\u094d\u200d\u0937",
    "Ann \u2764\uFE0F",
    "\u{1F469}\u200D\u{1F4BB}",
    "0xMaki",
    "Xerox Academy",
    "Dropbox Feed",
    "Dropbox 1234",
    "John Cox-Beddoe",
    "Ox-Beddoe",
    "Oxbeade",
    "Ox Cafe, Bedford",
    "Ox 1975",
    "10x Academy",
    "Fox 2 Bad",
    "Class of 2019...2023",
    "Decade...2020",
    "Ada Face-Beef 1815",
    "Vi\u1EC7t Nguy\u1EC5n",
    "\u05D9\u05B0\u05D4\u05D5\u05BC\u05D3\u05B8\u05D4",
    "\u0E1B\u0E34\u0E48\u0E19",
    "S\u00F8ren \u0665",
    "7"
  ])("may be %j", (name) => {
    assert.strictEqual(nameOf(name), name)
  })

  it("is stored in one normal form", () => {
    assert.strictEqual(nameOf("  Zoe\u0308\u00A0\u2003 M "), "Zo\u00EB M")
    assert.strictEqual(nameOf("x".repeat(80)), "x".repeat(80))
    assert.isUndefined(nameOf("x".repeat(81)))
  })

  it.each([
    ["nothing", ""],
    ["spaces", " \u00A0\u3000"],
    ["a space of no width", "\u200B"],
    ["joiners alone", "\u200D\u200C"],
    ["a word joiner", "A\u2060nn"],
    ["a joiner between Latin letters", "A\u200Dnn"],
    ["a byte order mark", "A\uFEFFnn"],
    ["a soft hyphen", "An\u00ADn"],
    ["a Hangul filler", "\u3164"],
    ["a wide Hangul filler", "\uFFA0"],
    ["a braille cell without a dot", "\u2800"],
    ["a combining grapheme joiner", "A\u034Fnn"],
    ["a variation selector", "A\uFE00nn"],
    ["tags", "Ann\u{E0041}\u{E0042}"],
    ["an override of direction", "\u202Ennc"],
    ["an isolate of direction", "A\u2066nn\u2069"],
    ["a mark of direction", "Ann\u200F"],
    ["an Arabic letter mark", "Ann\u061C"],
    ["a control character", "A\u0007nn"],
    ["a line", "A\nnn"],
    ["a line separator", "A\u2028nn"],
    ["a paragraph separator", "A\u2029nn"],
    ["a private character", "A\uE000nn"],
    ["half a character", "A\uD83D"],
    ["marks alone", "\u0301\u0308"],
    ["a letter under a pile of marks", `Ann${"\u0301".repeat(5)}`],
    ["a letter in many circles", `A${"\u20DD".repeat(5)}nn`],
    ["what is no character", "Ann\uFFFF"],
    ["what is no character of a further plane", "Ann\u{1FFFE}"],
    ["the place of an object", "\uFFFC"],
    ["the place of a character that could not be read", "A\uFFFDnn"]
  ])("cannot be %s", (_, name) => {
    assert.isUndefined(nameOf(name))
  })

  it.each([
    "0x1234...abcd",
    "0x1234\u2026abcd",
    "0x1234..abcd",
    "0x12\u2026cd34",
    "0X1234\u22EFABCD",
    "\uFF10\uFF58\uFF11\uFF12\uFF13\uFF14\u2026\uFF41\uFF42\uFF43\uFF44",
    "0\u04451234\u2026abcd",
    "\u041E\u04451234abcd",
    "Ox1234abcd",
    "0 x 1 2 3 4 a b c d",
    "O x 1 2 3 4 a b c d",
    "0x abcd-ef12",
    "0x-12ab-cd34",
    "Ox 1234\u2026abcd",
    "Ox 12\u2026cd34",
    "Oxabcd\u2026efab",
    "\u041Exabcd\u2026efab",
    "Oxabcdefab",
    "Ann (Ox1234)",
    "Ann0x1234\u2026abcd",
    "Ox12ab567890123456789012345678901234567cd3",
    "Xerox12ab567890123456789012345678901234567cd3",
    "0x12**cd34",
    "0\u0335x1234abcd",
    "Ann 0x1234\u2026abcd",
    "0x12ab567890123456789012345678901234567cd3",
    "12ab567890123456789012345678901234567cd3",
    "89a5\u202665df",
    "1234\u2026ab12",
    "\u00D8x89a5\u202665df",
    "\u13BE\u044589a5\u202665df",
    "\u0660x89a5\u202665df",
    "\u0966x89a5\u202665df",
    "\u0660x\u0661\u0662\u0663\u0664abcd",
    "\u25CBx89a5_65df",
    "tmp_01ARZ3NDEKTSV4RRFFQ69G5FAV",
    "Deleted user",
    "DELETED  USER",
    "Deleted \u0443ser".replace("\u0443", "u"),
    "D\u0435l\u0435t\u0435d user",
    "Merged user",
    "Somebody",
    "Administrator",
    "\u0430dmin",
    "Support."
  ])("cannot be %j, which looks like another text", (name) => {
    assert.isUndefined(nameOf(name))
  })
})

describe("A line about work", () => {
  it("may be empty, and is stored in one normal form", () => {
    assert.strictEqual(lineOf(""), "")
    assert.strictEqual(lineOf(" Acme\u00A0 Ltd. "), "Acme Ltd.")
    assert.strictEqual(lineOf("Support"), "Support")
  })

  it.each(["\u202EAcme", "Ac\u200Bme", "Acme\nLtd.", "0x1234\u2026abcd"])("cannot be %j", (line) => {
    assert.isUndefined(lineOf(line))
  })
})

describe("The name that LinkedIn gives", () => {
  it.each([
    ["Ann\u202E Smith", "Ann Smith"],
    ["\u200BAnn\u200B", "Ann"],
    ["\u200B\u3164", "Somebody"],
    ["0x1234\u2026abcd", "Somebody"],
    ["Deleted user", "Somebody"],
    ["Zoe\u0308", "Zo\u00EB"],
    [`Ann${"\u0323".repeat(60)} Smith`, "An\u1E47\u0323\u0323\u0323 Smith"],
    ["Ann\uFFFC Smith", "Ann Smith"]
  ])("%j is shown as %j", (name, shown) => {
    assert.strictEqual(displayNameOfProfile(name), shown)
  })
})
