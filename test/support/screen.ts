import type { Screen } from '../../src/model/screen.js';

/** One that suspects nothing. */
export const BLIND: Screen = {
  longest: 16,
  suspects: () => [],
  passed: () => {},
  attributable: () => {},
  room: new Uint8Array(),
  suspectsInRoom: () => [],
};
