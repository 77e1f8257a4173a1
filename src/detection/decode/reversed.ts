import type { DecodedView, Decoder } from './view.js';
import { ViewBuilder } from './view.js';

/** What is read behind the end of the hit, where the text begins, and before it. */
const BYTES_BEHIND = 1024;
const BYTES_BEFORE = 300;
/** The longest literal, and what shows the left boundary. */
const LEAST_BEHIND = 32;

/** Text that is written the other way round: the view begins behind the hit. */
export const decodeReversed: Decoder = (bytes, at) => {
  const builder = new ViewBuilder();
  const last = Math.max(0, at - BYTES_BEFORE);
  for (let next = Math.min(bytes.length, at + BYTES_BEHIND) - 1; next >= last; next--)
    builder.push(bytes[next]!, next, next + 1);
  return builder.view('reversed', last, last + 1, bytes);
};

/** Whether such a view shows all that one of another hit would. */
export function reachesReversed({ starts }: DecodedView, at: number): boolean {
  const last = starts[starts.length - 1] ?? at;
  return starts.length > 0 && at + LEAST_BEHIND <= starts[0]! && Math.max(0, at - BYTES_BEFORE) >= last;
}
