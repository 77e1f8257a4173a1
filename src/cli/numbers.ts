import { Misuse } from '../model/misuse.js';

const SIZES: Readonly<Record<string, number>> = { '': 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 };
const TIMES: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

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

/** A length of time in milliseconds: `90s`, `15m`, `2h`, `30d`; at most so long, where that is named. */
export function duration(option: string, most?: string): (text: string) => number {
  return (text) => {
    const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text);
    if (match === null) throw new Misuse(`${option} takes a time such as 90s or 15m, not “${text}”`);
    const value = Number(match[1]) * TIMES[match[2]!]!;
    if (most !== undefined && value > duration(option)(most)) {
      throw new Misuse(`${option} is ${most} at most, not “${text}”`);
    }
    return value;
  };
}

/** A share: `5%` or `0.05`, as a number from 0 to 1. */
export function share(option: string): (text: string) => number {
  return (text) => {
    const match = /^(\d+(?:\.\d+)?)(%?)$/.exec(text);
    const value = match === null ? Number.NaN : Number(match[1]) / (match[2] === '%' ? 100 : 1);
    if (!(value >= 0 && value <= 1)) throw new Misuse(`${option} takes a share such as 5%, not “${text}”`);
    return value;
  };
}

/** A size for people: `1.5 MiB`. */
export function formatBytes(value: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const step = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log2(Math.max(value, 1)) / 10)));
  return `${(value / 1024 ** step).toFixed(step === 0 ? 0 : 1)} ${units[step]}`;
}
