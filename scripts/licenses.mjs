import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The licenses of the packages that a build has put into what it made, each under its name: most ask that their text goes
 * wherever the package goes.
 *
 * @param inputs paths of the files that were bundled or copied, from `root`
 */
export function licensesOf(root, inputs) {
  const names = inputs.flatMap(
    (path) => /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? [],
  );
  return [...new Set(names)]
    .sort()
    .map((name) => licenseOf(join(root, 'node_modules', name)))
    .join('\n');
}

function licenseOf(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const texts = readdirSync(folder)
    .filter((file) => /licen[cs]e|^copying/i.test(file))
    .map((file) => `${readFileSync(join(folder, file), 'utf8').trim()}\n`);
  return [`==== ${name} ${version} (${license}) ====\n`, ...texts].join('\n');
}
