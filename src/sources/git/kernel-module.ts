import { WebAssembly } from '../webassembly.js';
import { KERNEL } from './pack-kernel.generated.js';

let compiled: object | undefined;

/** `kernels/walk.ts`, compiled once: there may be a thousand packs in an archive. */
export function kernelModule(): object {
  compiled ??= new WebAssembly.Module(Buffer.from(KERNEL, 'base64'));
  return compiled;
}
