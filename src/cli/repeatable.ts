/** For an option that may be given again and again: each value joins those before it. */
export function collect(value: string, previous: readonly string[]): string[] {
  return [...previous, value];
}
