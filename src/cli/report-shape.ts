import type { Provenance } from '../model/provenance.js';

/** What a value has to be. Of an object the fields that are named; a `?` behind the name: unless it is absent. */
type Shape = 'text' | 'number' | 'flag' | 'place' | readonly [Shape] | { readonly [name: string]: Shape };

const SIGHTING: Shape = {
  where: 'place',
  line: 'number',
  column: 'number',
  offset: 'number',
  via: ['text'],
  'reasons?': ['text'],
};

/** As much of a report as is relied on when one is read; what it has besides may be anything. */
const REPORT: Shape = {
  run: {
    version: 'text',
    started_at: 'text',
    finished_at: 'text',
    targets: ['text'],
    'evidence?': [{ path: 'text', size: 'number', sha256: 'text', modified_at: 'text' }],
  },
  coverage: {
    complete: 'flag',
    bytes: 'number',
    units: {},
    unscanned: [{ where: 'place', reason: 'text', detail: 'text' }],
  },
  findings: [
    {
      fingerprint: 'text',
      rule: 'text',
      redacted: 'text',
      confidence: 'text',
      'used_here?': ['text'],
      'suppressed_by?': 'text',
      sightings: [SIGHTING],
      verdict: {
        state: 'text',
        'token_id?': 'text',
        'user_identifier?': 'text',
        'evidence?': 'text',
        'reason?': 'text',
        'candidates?': ['text'],
      },
      remediation: { state: 'text', 'reason?': 'text', 'dead_at?': 'text' },
    },
  ],
  'plan?': { approved: 'number', drifted: [{ token_id: 'text', reason: 'text' }] },
};

const PLACES: Readonly<Record<Provenance['kind'], Shape>> = {
  file: { path: 'text' },
  staged: { path: 'text' },
  commit: { commit: 'text', path: 'text', author: 'text', date: 'text', 'repository?': 'place' },
  object: { object: 'text', type: 'text', 'repository?': 'place' },
  ref: { name: 'text', 'repository?': 'place' },
  stream: { name: 'text' },
  member: { container: 'place', path: 'text' },
};

/** Deeper than any container is opened. */
const DEEPEST = 200;

/** @returns the path of the first thing that is missing in a report, or is otherwise than it has to be. */
export function flawOf(report: unknown): string | undefined {
  return flaw(report, REPORT, '$', 0) ?? unseen(report as { findings: { sightings: unknown[] }[] });
}

function unseen({ findings }: { findings: { sightings: unknown[] }[] }): string | undefined {
  const at = findings.findIndex(({ sightings }) => sightings.length === 0);
  return at < 0 ? undefined : `$.findings[${at}].sightings`;
}

function flaw(value: unknown, shape: Shape, path: string, depth: number): string | undefined {
  if (depth > DEEPEST) return path;
  if (typeof shape === 'string')
    return isFlat(value, shape) ? undefined : placeFlaw(value, shape, path, depth);
  if (isList(shape)) {
    if (!Array.isArray(value)) return path;
    for (const [index, each] of value.entries()) {
      const found = flaw(each, shape[0], `${path}[${index}]`, depth + 1);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  if (!isObject(value)) return path;
  for (const [field, inner] of Object.entries(shape)) {
    const name = field.replace('?', '');
    if (name !== field && value[name] === undefined) continue;
    const found = flaw(value[name], inner, `${path}.${name}`, depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}

function isFlat(value: unknown, shape: string): boolean {
  if (shape === 'text') return typeof value === 'string';
  if (shape === 'number') return typeof value === 'number';
  return shape === 'flag' && typeof value === 'boolean';
}

function placeFlaw(value: unknown, shape: string, path: string, depth: number): string | undefined {
  if (shape !== 'place' || !isObject(value)) return path;
  const { kind } = value;
  if (typeof kind !== 'string' || !Object.hasOwn(PLACES, kind)) return `${path}.kind`;
  return flaw(value, PLACES[kind as Provenance['kind']], path, depth + 1);
}

function isList(shape: Shape): shape is readonly [Shape] {
  return Array.isArray(shape);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
