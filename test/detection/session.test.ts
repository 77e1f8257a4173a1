import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createDetector } from '../../src/detection/detector.js';
import type { ScanSession } from '../../src/detection/session.js';
import type { Match } from '../../src/model/match.js';
import { RULES } from '../../src/rules/builtin.generated.js';
import { body, orgToken } from '../support/tokens.js';

const detector = createDetector(RULES);

function push(session: ScanSession, bytes: Uint8Array): Match[] {
  const found: Match[] = [];
  for (let at = 0; at < bytes.length; ) {
    const window = session.window();
    const piece = bytes.subarray(at, at + window.length);
    window.set(piece);
    at += piece.length;
    found.push(...session.commit(piece.length));
  }
  return found;
}

function shown(matches: readonly Match[]): string[] {
  return matches.map(
    ({ span, line, column, secret, confidence, via }) =>
      `${span.start}-${span.end} ${line}:${column} ${secret.redacted} ${confidence} ${via.join()}`,
  );
}

describe('a session that pauses', () => {
  test('says what would be found by now, and says it for good only once more bytes came', () => {
    const token = orgToken('so far');
    const session = detector.session();
    expect(push(session, Buffer.from(`a\nb ${token}\n`))).toEqual([]);
    const whole = shown(detector.scan(Buffer.from(`a\nb ${token}\n`)));
    expect(shown(session.soFar())).toEqual(whole);
    expect(shown(session.soFar())).toEqual(whole);
    expect(shown(push(session, Buffer.from('x\n'.repeat(20_000))))).toEqual(whole);
    expect(session.soFar()).toEqual([]);
    expect(session.end()).toEqual([]);
  });

  test('does not stand by what was cut when the rest of it comes', () => {
    const token = orgToken('cut');
    const session = detector.session();
    push(session, Buffer.from(`x ${token.slice(0, 30)}`));
    expect(session.soFar()).toHaveLength(1);
    push(session, Buffer.from(`${token.slice(30)}\n`));
    expect(session.soFar().map(({ span }) => span)).toEqual([{ start: 2, end: 2 + token.length }]);
    expect(session.end()).toHaveLength(1);
  });

  test('many of them share one memory, and each goes on where it was', () => {
    const sessions = Array.from({ length: 40 }, () => detector.session());
    const noise = `${body('noise', 700)}\n`;
    for (let round = 0; round < 30; round++) {
      for (const [index, session] of sessions.entries()) {
        push(session, Buffer.from(`${noise}${round === 20 ? `${orgToken(`log ${index}`)}\n` : ''}`));
        session.soFar();
        session.park();
      }
    }
    for (const [index, session] of sessions.entries()) {
      const [match, ...more] = [...push(session, Buffer.alloc(20_000)), ...session.end()];
      expect(more).toEqual([]);
      expect(match!.secret.redacted.slice(-4)).toBe(orgToken(`log ${index}`).slice(-4));
      expect(match).toMatchObject({ line: 22, column: 1, span: { start: 21 * 701 } });
    }
  });

  test('finds what one that never paused finds', () => {
    const token = orgToken('paused');
    const text = fc
      .array(
        fc.oneof(
          fc.constant(`${token}\n`),
          fc.constant(token.slice(0, 20)),
          fc.constant(Buffer.from(`user:${token}`).toString('base64')),
          fc.constant(Buffer.from(token, 'utf16le').toString('latin1')),
          fc.nat(9000).map((length) => `${body('fill', length)}\n`),
        ),
        { maxLength: 12 },
      )
      .map((parts) => Buffer.from(parts.join(''), 'latin1'));
    fc.assert(
      fc.property(text, fc.array(fc.nat(6000), { maxLength: 20 }), (bytes, cuts) => {
        const session = detector.session();
        const found: Match[] = [];
        let at = 0;
        for (const cut of [...cuts, bytes.length]) {
          found.push(...push(session, bytes.subarray(at, at + cut)));
          at += cut;
          session.soFar();
          session.park();
        }
        found.push(...session.end());
        expect(shown(found)).toEqual(shown(detector.scan(bytes)));
      }),
      { numRuns: 1_000_000, interruptAfterTimeLimit: 3_000, endOnFailure: true },
    );
  });
});
