import { setFlagsFromString } from 'node:v8';

/** How much code runs before V8 compiles it once more, for speed; V8's own value is 135,168 (`--interrupt-budget`). */
const BUDGET = 600_000;

/**
 * Leaves the processors to the threads that search packs: V8 compiles in the background, and what takes long there is
 * WebAssembly anyway. On git's history this saves two of three compilations and 6 % of the processor time; a walk over many
 * small files, which JavaScript does, takes a tenth longer.
 */
export function compileLate(): void {
  setFlagsFromString(`--interrupt-budget=${BUDGET}`);
}
