import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { readInTurns } from './ami-socket.ts';

it('[RG2] a long answer is read a chunk at a time: everybody else has a turn between two', async () => {
  const answer = Buffer.alloc(2_000_000, 'x');
  const server = createServer((socket) => void socket.end(answer)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  readInTurns(socket);
  const [turns, read] = [[0], { bytes: 0, ended: false }];
  socket.on('data', (chunk: Buffer) => {
    turns.push((turns.pop() ?? 0) + 1);
    read.bytes += chunk.length;
  });
  socket.on('end', () => (read.ended = true));
  while (!read.ended) {
    await setImmediate();
    turns.push(0);
  }
  server.close();
  expect([read.bytes, Math.max(...turns)]).toEqual([answer.length, 1]);
});
