/** A number that a module exports. */
export interface WasmGlobal {
  readonly value: number;
}

export interface WasmMemory {
  /** Another one once it has grown. */
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

/** Memory that several threads share. Its buffer is another one, and longer, when it has grown. */
export interface SharedMemory {
  readonly buffer: SharedArrayBuffer;
  grow(pages: number): number;
}

/** The little of WebAssembly's JavaScript interface that the kernels need; Node has it, its types do not. */
interface WebAssemblyApi {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
  readonly Memory: new (limits: {
    readonly initial: number;
    readonly maximum: number;
    readonly shared: true;
  }) => SharedMemory;
}

/** Bytes of a page of memory. */
export const WASM_PAGE = 64 * 1024;

export const { WebAssembly } = globalThis as unknown as { readonly WebAssembly: WebAssemblyApi };
