// Precision and recall on the corpus of fixtures/quality: every miss and every high-confidence false finding is printed.
import { rmSync } from 'node:fs';
import { blindNames } from '../fixtures/quality/blind.mjs';
import { negatives, positives } from '../fixtures/quality/corpus.mjs';
import { heldOutBodies, heldOutWords, STYLES } from '../fixtures/quality/held-out.mjs';
import { bundled } from './lib/bundle.mjs';

const { createDetector, RULES, folder } = await bundled();
const detector = createDetector(RULES);

let tokens = 0;
const missed = [];
for (const { name, bytes, token } of positives()) {
  tokens += 1;
  const found = detector
    .scan(bytes)
    .some((match) => match.confidence === 'high' && match.secret.reveal() === token);
  if (!found) missed.push(name);
}
let texts = 0;
let low = 0;
const false_ = [];
for (const text of negatives()) {
  texts += 1;
  const matches = detector.scan(Buffer.from(`${text}\n`));
  if (matches.some((match) => match.confidence === 'high')) false_.push(text);
  else if (matches.length > 0) low += 1;
}
const takenForTokens = (bodies) =>
  bodies.filter((body) =>
    detector.scan(Buffer.from(`x = tg_org_${body}\n`)).some(({ confidence }) => confidence === 'high'),
  );
const inStyles = (words, seed) =>
  Object.keys(STYLES).map((style) => {
    const bodies = heldOutBodies(words, style, 4000, seed);
    return { style, bodies, high: takenForTokens(bodies) };
  });
const heldOut = heldOutWords();
const unseen = inStyles(heldOut);
// Half a minute: only when asked for.
const blind = process.argv.includes('--blind') ? blindNames(20_000) : undefined;
const blindUnseen = blind === undefined ? [] : inStyles(blind.words, 'blind/1');
const whole = takenForTokens(blind?.names ?? []);
rmSync(folder, { recursive: true });

for (const name of missed.slice(0, 40)) console.log(`missed: ${name}`);
for (const text of false_.slice(0, 40)) console.log(`high, but no token: ${text}`);
const percent = (part, whole) => `${((100 * part) / whole).toFixed(3)} %`;
const found = tokens - missed.length;
console.log(
  `recall     ${percent(found, tokens)}  (${found} of ${tokens} texts with a token, with high confidence)`,
);
console.log(
  `precision  ${percent(found, found + false_.length)}  (${false_.length} false among high-confidence findings)`,
);
console.log(`low        ${low} of ${texts} texts without a token give a low-confidence finding`);
console.log(
  `\nnames of ${heldOut.length} words that the model never saw, with numbers, versions and dates: taken for tokens`,
);
printStyles(unseen);
if (blind !== undefined) {
  console.log(
    `\nnames of ${blind.words.length} words of C, Python and Perl that no training text has: taken for tokens`,
  );
  printStyles(blindUnseen);
  console.log(
    `names as they stand in those sources: ${percent(whole.length, blind.names.length)}  (${whole.length} of ${blind.names.length})  ${whole.slice(0, 6).join(' ')}`,
  );
}
process.exitCode = missed.length + false_.length === 0 ? 0 : 1;

function printStyles(styles) {
  for (const { style, bodies, high } of styles) {
    console.log(
      `  ${style.padEnd(10)} ${percent(high.length, bodies.length).padStart(8)}  (${high.length} of ${bodies.length})  ${high.slice(0, 4).join(' ')}`,
    );
  }
}
