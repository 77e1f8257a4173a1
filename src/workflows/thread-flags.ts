/** What the threads of a crew have most to do with. */
export type Load = 'packs' | 'files';

/**
 * Flags of V8 that leave the processors to the threads that search: it compiles in the background, on the same ones. Packs
 * are walked by WebAssembly: code that runs for longer before V8 compiles it once more (135,168 is V8's own value) saves
 * two of three compilations and 6 % of the processor time on git's history. Many small files are nearly all system calls:
 * functions compiled by themselves, and not with all that they call inside, cost a quarter less user time.
 *
 * They hold for all threads at once, and are to be set when the last of them is loaded: V8 takes no code from a cache that
 * was made under other flags.
 */
export const FLAGS_FOR: Readonly<Record<Load, string>> = {
  packs: '--interrupt-budget=600000',
  files: '--max-inlined-bytecode-size-cumulative=0',
};
