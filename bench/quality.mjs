// Precision and recall on the corpus of fixtures/quality: every miss and every high-confidence false finding is printed.
import { rmSync } from 'node:fs';
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
const heldOut = heldOutWords();
const unseen = Object.keys(STYLES).map((style) => {
  const bodies = heldOutBodies(heldOut, style, 4000);
  const high = bodies.filter((body) =>
    detector.scan(Buffer.from(`x = tg_org_${body}\n`)).some(({ confidence }) => confidence === 'high'),
  );
  return { style, bodies, high };
});
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
for (const { style, bodies, high } of unseen) {
  console.log(
    `  ${style.padEnd(10)} ${percent(high.length, bodies.length).padStart(8)}  (${high.length} of ${bodies.length})  ${high.slice(0, 4).join(' ')}`,
  );
}
process.exitCode = missed.length + false_.length === 0 ? 0 : 1;
