/**
 * The key of an element, as objects, dictionaries and dumps of lists have it: `"2":`, `2: `, `[2] => `, `[2]=`. Part of a
 * regular expression.
 */
export const KEY = String.raw`(?:"\d{1,6}"|'\d{1,6}'|\[\d{1,6}\]|\d{1,6})\s{0,8}(?:=>|[:=])\s{0,16}`;
