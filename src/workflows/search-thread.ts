import { setFlagsFromString } from 'node:v8';
import { parentPort, workerData } from 'node:worker_threads';
import { pack } from '../findings/parcel.js';
import type { Finding } from '../model/finding.js';
import type { CrewResult, CrewTask } from './crew.js';
import { builtinDetector, ruleOf } from './detector.js';
import { Search } from './search.js';
import { searchTargets } from './targets.js';

/** One thread of a crew: searches its part, and hands over what it found. */
const { request, share, flags, counters } = workerData as CrewTask;
flags.forEach(setFlagsFromString);
const search = new Search(builtinDetector(request.simd));
search.onUnit = () => {
  counters[0] = search.coverage.bytes;
  counters[1] = search.coverage.units;
  counters[2] = search.findings.size;
};
searchTargets(search, request, share).then(async () => {
  const { findings, coverage } = await search.share();
  const result: CrewResult = {
    findings: packed(findings),
    parts: search.findings.parts.map((part) => ({ ...part, findings: packed(part.findings) })),
    ...coverage.summary(),
    held: search.findings.held,
  };
  parentPort?.postMessage(result);
});

function packed(found: readonly Finding[]) {
  return found.map((finding) => pack(finding, ruleOf(finding.rule)?.prefix.length ?? 0));
}
