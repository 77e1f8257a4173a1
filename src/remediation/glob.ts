/** Whether a protected-users' glob fits a user: letters of either case, composed or not, protect rather more than less. */
export function protectsUser(glob: string, user: string): boolean {
  return matchesGlob(folded(glob), folded(user));
}

function folded(text: string): string {
  return text.normalize('NFC').toLowerCase();
}

/** Whether `text` fits `pattern`, in which `*` stands for any characters and `?` for one. Linear, whatever the pattern. */
export function matchesGlob(pattern: string, text: string): boolean {
  let p = 0;
  let star = -1;
  let resume = 0;
  for (let t = 0; t < text.length; ) {
    if (pattern[p] === '*') {
      star = p++;
      resume = t;
    } else if (pattern[p] === '?' || pattern[p] === text[t]) {
      p++;
      t++;
    } else if (star !== -1) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
}
