import { expect, it } from 'vitest';
import { afterClose, CLOSE, type CloseReason } from './close-codes.ts';

const reasons: readonly CloseReason[] = Object.values(CLOSE);

it('[WR3] close codes are unique, ours in the range left to applications (RFC 6455 §7.4.2)', () => {
  const codes = reasons.map(({ code }) => code);
  expect(new Set(codes).size).toBe(codes.length);
  expect(codes.filter((code) => code >= 4000 && code <= 4999).length).toBe(codes.length - 2);
  // A close frame carries 123 bytes of reason (RFC 6455 §5.5.1).
  expect(reasons.filter(({ text }) => new TextEncoder().encode(text).length > 123)).toEqual([]);
});

it('[WR3] every code says what the client does next; foreign ones are network trouble', () => {
  expect(reasons.filter(({ code, after }) => afterClose(code) !== after)).toEqual([]);
  expect([1000, 1005, 1006, 1011, 4999].map(afterClose)).toEqual(Array(5).fill('retry'));
});

it('[WR3] an ended session and a protocol nobody speaks are not tried again by themselves', () => {
  expect(reasons.filter(({ after }) => after === 'fatal')).toEqual([CLOSE.protocol, CLOSE.sessionEnded]);
  expect(reasons.filter(({ after }) => after === 'refresh')).toEqual([CLOSE.unauthorised]);
});
