/**
 * Checks whether a text shows its whole content. Users read a name before they answer a call. A name must therefore
 * hide nothing, and must not look like an address, which users take for proof.
 */

/** Scripts whose words need a joiner or a non-joiner between letters (Unicode UAX #31, 2.3). */
const joined = "[\\p{Script=Arabic}\\p{Script=Devanagari}\\p{Script=Bengali}\\p{Script=Gurmukhi}\\p{Script=Gujarati}" +
  "\\p{Script=Oriya}\\p{Script=Tamil}\\p{Script=Telugu}\\p{Script=Kannada}\\p{Script=Malayalam}\\p{Script=Sinhala}" +
  "\\p{Script=Mongolian}\\p{Script=Khmer}\\p{Script=Syriac}\\p{M}]"

/** Joiners inside words of those scripts and inside emoji, and the selector that makes a character an emoji. */
const harmless = new RegExp(
  `(?<=${joined})[\\u200C\\u200D](?=${joined})|` +
    "(?<=[\\p{Extended_Pictographic}\\p{Emoji_Modifier}\\uFE0F])\\u200D(?=\\p{Extended_Pictographic})|" +
    "(?<=\\p{Emoji})\\uFE0F",
  "gu"
)

/**
 * Characters that a text may not contain: controls, unpaired surrogates, private-use and format characters (with
 * direction marks), line and paragraph separators, noncharacters, replacement characters, and all characters that show
 * as nothing. U+2800 is a braille cell without a dot, and shows as a space.
 */
const invisible =
  /[\p{Cc}\p{Cs}\p{Co}\p{Cf}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}\p{Default_Ignorable_Code_Point}\u2800\uFFFC\uFFFD]/u

/** More marks on one letter than any writing needs (UTS #39, 5.4): they reach over the lines above and below. */
const piledMarks = /[\p{Mn}\p{Me}]{5}/u

/** Whether a text shows its whole content within its own line. */
export const isClean = (text: string): boolean =>
  !invisible.test(text.replace(harmless, "")) && !piledMarks.test(text.normalize("NFD"))

/** Composed (NFC), with plain spaces, one at a time and none at the ends. */
export const unified = (text: string): string => text.normalize("NFC").replace(/\p{Zs}+/gu, " ").trim()

/** Letters of other scripts that look like one of these. */
const alike: Readonly<Record<string, string>> = {
  "а": "a",
  "в": "b",
  "с": "c",
  "ԁ": "d",
  "е": "e",
  "һ": "h",
  "н": "h",
  "і": "i",
  "ї": "i",
  "ј": "j",
  "к": "k",
  "м": "m",
  "о": "o",
  "р": "p",
  "ѕ": "s",
  "т": "t",
  "у": "y",
  "х": "x",
  "α": "a",
  "β": "b",
  "ε": "e",
  "ι": "i",
  "κ": "k",
  "ν": "v",
  "ο": "o",
  "ρ": "p",
  "σ": "o",
  "τ": "t",
  "υ": "u",
  "χ": "x",
  "×": "x",
  "✕": "x",
  "✖": "x",
  "⨯": "x",
  "ҳ": "x",
  "ᕁ": "x",
  "ø": "o",
  "ө": "o",
  "θ": "o",
  "օ": "o",
  "ס": "o",
  "٥": "o",
  "۵": "o",
  "ꮎ": "o",
  "○": "o",
  "◯": "o",
  "〇": "o",
  "ı": "i"
}

const isDigit = (letter: string): boolean => /\p{Nd}/u.test(letter)

/** A decimal digit of any script as 0 to 9: those of a script follow each other, from zero (Unicode 4.6). */
const plainDigit = (letter: string): string => {
  const code = letter.codePointAt(0) ?? 0
  let value = 0
  while (value < 9 && isDigit(String.fromCodePoint(code - value - 1))) value += 1
  return String(value)
}

/**
 * The look of a text: compatibility forms unified (NFKC), no marks, small Latin letters for similar letters of other
 * scripts, plain digits.
 */
const looksOf = (text: string): string =>
  text.normalize("NFKC").toLowerCase().normalize("NFD").replace(/\p{M}/gu, "")
    .replace(/./gsu, (it) => alike[it] ?? (isDigit(it) ? plainDigit(it) : it))

const hex = "[0-9a-f]"
const gap = "[^\\p{L}\\p{N}]*"
const wordStart = "(?<![\\p{L}\\p{N}])"

/** Stands for the omitted part of an address. NFKC turns most ellipses into full stops. */
const cut = "(?:[^\\p{L}\\p{N}\\s]{2,}|\u22EF)"

/** Four digits of an address that are neither a number nor a word. */
const mixed = `(?=[0-9]{0,3}[a-f])(?=[a-f]{0,3}[0-9])${hex}{4}`

/**
 * Addresses and shortened addresses, as `looksOf` shows them. Ordinary names also contain a letter O for the zero, or
 * gaps between the digits ("Dropbox Feed", "Cox-Beddoe", "Ox 1975"), so these forms need more digits to count as an
 * address.
 */
const wallets = new RegExp(
  [
    // Four digits after a zero that no number ends with ("10x Academy").
    `(?<!\\p{N})0x${hex}{4}`,
    `${wordStart}ox(?=[a-f]{0,3}[0-9])${hex}{4}`,
    // Eight digits that follow each other.
    `(?:0|${wordStart}o)x${hex}{8}`,
    `ox(?=[a-f]{0,7}[0-9])${hex}{8}`,
    // Digits with gaps between them, a decimal one among the first.
    `${wordStart}0${gap}x(?=(?:${gap}[a-f]){0,3}${gap}[0-9])(?:${gap}${hex}){4}`,
    `${wordStart}[0o]${gap}x(?=(?:${gap}[a-f]){0,7}${gap}[0-9])(?:${gap}${hex}){8}`,
    // Both ends of an address that was cut.
    `(?:0|${wordStart}o)x${hex}{2,}${cut}${hex}{2}`,
    `${wordStart}[0o]${gap}x${gap}(?=[a-f]*[0-9])${hex}{2,}${cut}${hex}{2}`,
    // The same without the beginning, or with anything in its place: whole, and cut ("2019...2023" is none).
    `${hex}{40}`,
    `${mixed}${cut}${hex}{4}`,
    `${hex}{4}${cut}${mixed}`
  ].join("|"),
  "u"
)

/** Whether a text looks like the address of a wallet or like its placeholder, in full or shortened. */
export const looksLikeWallet = (text: string): boolean => {
  const looks = looksOf(text)
  return wallets.test(looks) || looks.startsWith("tmp_")
}

/** Names that the server assigns, and names of the operators. */
const reserved: ReadonlySet<string> = new Set([
  "somebody",
  "deleteduser",
  "mergeduser",
  "administrator",
  "admin",
  "support",
  "system",
  "dchat",
  "dchatsupport"
])

const isReserved = (text: string): boolean => reserved.has(looksOf(text).replace(/[^\p{L}\p{N}]/gu, ""))

const isVisible = (text: string): boolean => /[\p{L}\p{N}\p{P}\p{S}]/u.test(text)

/** Whether a normalized text may be a user's name. */
export const isNameable = (text: string): boolean =>
  isClean(text) && isVisible(text) && !looksLikeWallet(text) && !isReserved(text)

/** A text without its invisible characters. */
export const cleaned = (text: string): string =>
  unified(
    [...text.normalize("NFD").replace(/([\p{Mn}\p{Me}]{4})[\p{Mn}\p{Me}]+/gu, "$1").normalize("NFC")]
      .map((letter) => isClean(letter) ? letter : " ").join("")
  )
