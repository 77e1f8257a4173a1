/** A clock that only sleeping moves, from 0. */
export function turningClock() {
  let now = 0;
  return {
    wall: () => now,
    monotonic: () => now,
    sleep: async (milliseconds: number) => {
      now += milliseconds;
    },
  };
}
