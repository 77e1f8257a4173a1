import { Misuse } from '../model/misuse.js';

const SIZES: Readonly<Record<string, number>> = { '': 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 };
const TIMES: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** A whole number from `least` up. */
export function count(option: string, least = 0): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least) {
      throw new Misuse(`${option} takes a whole number from ${least} up, not “${text}”`);
    }
    return value;
  };
}

/** Bytes: `1048576`, `64M`, `2GiB`. */
export function bytes(option: string): (text: string) => number {
  return (text) => {
    const match = /^(\d+(?:\.\d+)?)([KMGT]?)(?:i?B)?$/i.exec(text);
    if (match === null) throw new Misuse(`${option} takes a size such as 64M or 2GiB, not “${text}”`);
    return Math.floor(Number(match[1]) * SIZES[match[2]!.toUpperCase()]!);
  };
}

/** A length of time in milliseconds: `90s`, `15m`, `2h`. */
export function duration(option: string): (text: string) => number {
  return (text) => {
    const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text);
    if (match === null) throw new Misuse(`${option} takes a time such as 90s or 15m, not “${text}”`);
    return Number(match[1]) * TIMES[match[2]!]!;
  };
}

/** A size for people: `1.5 MiB`. */
export function formatBytes(value: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const step = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log2(Math.max(value, 1)) / 10)));
  return `${(value / 1024 ** step).toFixed(step === 0 ? 0 : 1)} ${units[step]}`;
}
