/**
 * What must not reach a terminal or another program as it is: control characters (among them line breaks and the escape
 * that begins terminal sequences), format characters (among them those that reorder text for display), line and
 * paragraph separators, halves of surrogate pairs, and whatever else is drawn as nothing.
 */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/** Text of others, harmless on one line: what can't be seen is shown by its number. */
export function visible(text: string): string {
  return text.replace(INVISIBLE, (character) => {
    const code = character.codePointAt(0)!;
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
  });
}

/** JSON, which may hold any text, with what is invisible written as the escapes that JSON has for it. */
export function visibleJson(json: string): string {
  return json.replace(INVISIBLE, (character) =>
    character === '\n'
      ? character
      : [...Array(character.length).keys()]
          .map((index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`)
          .join(''),
  );
}
