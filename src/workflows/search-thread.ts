import { parentPort, workerData } from 'node:worker_threads';
import { pack } from '../findings/parcel.js';
import type { Finding } from '../model/finding.js';
import type { CrewResult, CrewTask } from './crew.js';
import { builtinDetector, ruleOf } from './detector.js';
import { Search } from './search.js';
import { searchTargets } from './targets.js';

/** One thread of a crew: searches its part, and hands over what it found. */
const { request, share, counters } = workerData as CrewTask;
const search = new Search(builtinDetector(request.simd));
search.onUnit = () => {
  counters[0] = search.coverage.bytes;
  counters[1] = search.coverage.units;
  counters[2] = search.found;
};
await searchTargets(search, request, share);
const { findings, coverage } = await search.share();
const packed = (found: readonly Finding[]) =>
  found.map((finding) => pack(finding, ruleOf(finding.rule)?.prefix.length ?? 0));
const result: CrewResult = {
  findings: packed(findings),
  parts: search.parts.map((part) => ({ ...part, findings: packed(part.findings) })),
  ...coverage.summary(),
  held: search.held,
};
parentPort?.postMessage(result);
