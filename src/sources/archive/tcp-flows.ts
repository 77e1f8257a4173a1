import type { RandomAccess } from '../file-tree.js';
import { SplicedAccess } from './spliced.js';
import type { Segment } from './tcp-segment.js';

/** One direction of a connection. */
interface Flow {
  readonly name: string;
  /** Of each segment: its number, counted on past 32 bits; where it stands; how long it is. */
  readonly segments: number[];
  /** What is expected next. */
  next: number;
}

/** Bytes that followed each other on a connection, as far as none is missing. */
export interface TcpStream {
  readonly flow: string;
  readonly content: SplicedAccess;
  /** Where the first of them stand. */
  readonly start: number;
  readonly end: number;
}

const PER_SEGMENT = 3;
/** What a flow takes beside its segments, in segments. */
const FLOW_COST = 12;

/** Connections of which segments were seen. */
export class TcpFlows {
  readonly #current = new Map<string, Flow>();
  readonly #flows: Flow[] = [];
  /** What is kept, in segments. */
  cost = 0;

  add({ flow: name, sequence, isFirst, start, length }: Segment): void {
    if (isFirst) this.#current.delete(name);
    if (length === 0) return;
    let flow = this.#current.get(name);
    if (flow === undefined) {
      flow = { name, segments: [], next: sequence };
      this.#current.set(name, flow);
      this.#flows.push(flow);
      this.cost += FLOW_COST;
    }
    const number = flow.next + ((sequence - flow.next) | 0);
    flow.segments.push(number, start, length);
    flow.next = Math.max(flow.next, number + length);
    this.cost += 1;
  }

  /** What was sent on each, in the order of its numbers: sent again counts once. */
  *streams(access: RandomAccess): Generator<TcpStream> {
    for (const { name, segments } of this.#flows) yield* streamsOf(name, segments, access);
  }
}

function* streamsOf(flow: string, segments: readonly number[], access: RandomAccess): Generator<TcpStream> {
  let content = new SplicedAccess(access);
  let first = { start: 0, end: 0 };
  let next = 0;
  for (const at of inOrder(segments)) {
    const [number, start, length] = [segments[at]!, segments[at + 1]!, segments[at + 2]!];
    if (number > next && content.size > 0) {
      yield { flow, content, ...first };
      content = new SplicedAccess(access);
    }
    if (content.size === 0) {
      first = { start, end: start + length };
      next = number;
    }
    content.add(start + next - number, number + length - next);
    next = Math.max(next, number + length);
  }
  if (content.size > 0) yield { flow, content, ...first };
}

/** Where segments begin in the list, by their numbers; they come nearly so. */
function inOrder(segments: readonly number[]): readonly number[] {
  const order = Array.from({ length: segments.length / PER_SEGMENT }, (_, index) => PER_SEGMENT * index);
  return order.sort((a, b) => segments[a]! - segments[b]! || a - b);
}
