/** The clocks, the sleep and the dice of the client; tests turn them by hand. */
export interface Timing {
  /** Milliseconds that never run backwards, for durations and waits. */
  monotonic(): number;
  /** Milliseconds since 1970 as this machine believes; it may be a year off. */
  wall(): number;
  sleep(milliseconds: number): Promise<void>;
  /** At least 0, less than 1. */
  random(): number;
}

export const SYSTEM_TIMING: Timing = {
  monotonic: () => performance.now(),
  wall: () => Date.now(),
  sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
  random: () => Math.random(),
};
