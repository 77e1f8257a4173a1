// Unpacks Zstandard on a thread of its own, one stream after the other. Plain JavaScript, because a thread begins with a
// file as it is: in the sources and in dist/ alike. The kernel, its memory and what lies where in it come from
// `zstd-thread.ts`, which has the other end.
import { parentPort, workerData } from 'node:worker_threads';

const { module, memory, LAYOUT, KIND, PIECE, CONTROL } = workerData;
const kernel = new WebAssembly.Instance(module, { env: { memory, abort() {} } }).exports;
const control = new Int32Array(memory.buffer, LAYOUT.control, CONTROL.size);
const queue = new Float64Array(memory.buffer, LAYOUT.queue, LAYOUT.pieces * PIECE.size);
/** A reader that waits is told as soon as so many bytes are there. */
const WORTH_WAKING = 512 * 1024;

parentPort.on('message', (most) => {
  kernel.reset(most);
  run();
  parentPort.postMessage(true);
});

function run() {
  let published = 0;
  let made = 0;
  while (Atomics.load(control, CONTROL.closed) === 0) {
    // Before anything that it tells of is looked at.
    const bell = Atomics.load(control, CONTROL.bell);
    const ended = Atomics.load(control, CONTROL.ended) === 1;
    const read = Atomics.load(control, CONTROL.read);
    const crowded = published - Atomics.load(control, CONTROL.taken) >= LAYOUT.pieces;
    const outcome = crowded ? KIND.full : kernel.step(Atomics.load(control, CONTROL.written), read, ended);
    Atomics.store(control, CONTROL.used, kernel.inputUsed());
    if (outcome === KIND.hungry || outcome === KIND.full) {
      wake();
      Atomics.wait(control, CONTROL.bell, bell);
      continue;
    }
    const length = outcome === KIND.content || outcome === KIND.scrap ? kernel.pieceLength.value : 0;
    const at = (published % LAYOUT.pieces) * PIECE.size;
    queue[at + PIECE.kind] = outcome;
    queue[at + PIECE.start] = kernel.pieceStart.value;
    queue[at + PIECE.length] = length;
    queue[at + PIECE.fault] = kernel.fault.value;
    queue[at + PIECE.at] = kernel.faultAt.value;
    queue[at + PIECE.detail] = kernel.faultDetail.value;
    queue[at + PIECE.position] = kernel.position.value;
    queue[at + PIECE.room] = kernel.room();
    published += 1;
    made = (made + length) | 0;
    Atomics.store(control, CONTROL.published, published);
    if (outcome === KIND.end) {
      wake();
      return;
    }
    if (((made - read) | 0) >= WORTH_WAKING) wake();
  }
}

function wake() {
  if (Atomics.exchange(control, CONTROL.waiting, 0) === 1) parentPort.postMessage(false);
}
