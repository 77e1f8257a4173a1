// Loaded into the program with `node --import`: lets one system call of the run go wrong, or ends the process there as
// kill -9 does. It counts the calls by which a run changes anything outside itself: writes, fsyncs, renames, links,
// removals, and sends to the network. With FAULT_TRACE alone it only writes down what these were.
//
//   FAULT_AT     the number of the call, from 1
//   FAULT_MODE   kill-before | kill-after | short-kill | short | full | EIO | ENOSPC | cut-before | cut-half | cut-after
//   FAULT_TRACE  a file: the kinds of all calls, a line each, when the process ends by itself
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';

const { FAULT_AT: at, FAULT_MODE: mode = '', FAULT_TRACE: trace } = process.env;
for (const name of ['FAULT_AT', 'FAULT_MODE', 'FAULT_TRACE']) delete process.env[name];

const real = { ...fs };
const kinds = [];
let full = false;

/** Counts a call. @returns whether it is the one that goes wrong. */
function isDue(kind) {
  kinds.push(kind);
  return kinds.length === Number(at);
}

function kill() {
  process.kill(process.pid, 'SIGKILL');
  // The signal is on its way: nothing more may happen.
  for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

function failure(code, syscall) {
  return Object.assign(new Error(`${code}: injected, ${syscall}`), { code, syscall, errno: -5 });
}

/** A call that happens whole or not at all. */
function whole(kind, call) {
  return (...args) => {
    const due = isDue(kind);
    if (due && mode === 'kill-before') kill();
    if (due && /^E[A-Z]+$/.test(mode)) throw failure(mode, kind);
    if (full && kind === 'fsync') throw failure('ENOSPC', kind);
    const result = call(...args);
    if (due) kill();
    return result;
  };
}

function write(fd, data, ...position) {
  const due = isDue('write');
  if (full) throw failure('ENOSPC', 'write');
  if (!due) return real.writeSync(fd, data, ...position);
  if (mode === 'kill-before') kill();
  if (/^E[A-Z]+$/.test(mode)) throw failure(mode, 'write');
  if (mode === 'short' || mode === 'short-kill' || mode === 'full') {
    const bytes =
      typeof data === 'string'
        ? Buffer.from(data)
        : Buffer.from(data.buffer, data.byteOffset, data.byteLength);
    const offset = typeof data === 'string' ? 0 : (position[0] ?? 0);
    const written = real.writeSync(fd, bytes, offset, Math.ceil((bytes.length - offset) / 2));
    if (mode === 'short-kill') kill();
    full = mode === 'full';
    return written;
  }
  real.writeSync(fd, data, ...position);
  kill();
}

fs.writeSync = write;
fs.fsyncSync = whole('fsync', real.fsyncSync);
fs.fdatasyncSync = whole('fsync', real.fdatasyncSync);
fs.renameSync = whole('rename', real.renameSync);
fs.linkSync = whole('link', real.linkSync);
fs.rmSync = whole('remove', real.rmSync);
fs.ftruncateSync = whole('truncate', real.ftruncateSync);
syncBuiltinESMExports();

const send = net.Socket.prototype._writeGeneric;
net.Socket.prototype._writeGeneric = function (several, data, encoding, done) {
  // Standard output and standard error are sockets too, and a connection that is not there yet asks again once it is.
  if (this.remotePort === undefined || this.connecting || !isDue('send')) {
    return send.call(this, several, data, encoding, done);
  }
  const reset = () => this.destroy(failure('ECONNRESET', 'write'));
  const bytes = several
    ? Buffer.concat(data.map(({ chunk, encoding: each }) => Buffer.from(chunk, each)))
    : Buffer.from(data, encoding);
  if (mode === 'kill-before') kill();
  if (mode === 'cut-before') return reset();
  if (mode === 'cut-half' || mode === 'short-kill') {
    send.call(this, false, bytes.subarray(0, Math.ceil(bytes.length / 2)), 'buffer', () => {});
    return mode === 'short-kill' ? kill() : reset();
  }
  send.call(this, several, data, encoding, done);
  if (mode === 'cut-after') setImmediate(reset);
  else kill();
};

if (trace !== undefined) process.on('exit', () => real.writeFileSync(trace, kinds.join('\n')));
