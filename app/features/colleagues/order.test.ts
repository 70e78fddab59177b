import { describe, expect, it } from 'vitest';
import type { AgentView } from '../../../domain/protocol/views.ts';
import { colleaguesOf, fits } from './order.ts';

const agent = (
  extension: string,
  name: string,
  canTakeCall: boolean,
  role: AgentView['role'] = 'agent',
): AgentView => ({
  extension,
  name,
  role,
  status: 'ONLINE',
  reason: null,
  auto: null,
  since: 1,
  next: null,
  mark: null,
  canTakeCall,
});

describe('colleagues', () => {
  it('[WR6] who can take a call comes first, then by name; neither the reader nor wall screens', () => {
    const agents = [
      agent('1003', 'Чернов', false),
      agent('1004', 'Ann', false),
      agent('1005', 'Zoe', true),
      agent('1006', 'boris', true),
      agent('1001', 'Me', true),
      agent('9000', 'Wall', false, 'wall'),
    ];
    expect(colleaguesOf(agents, '1001', 'en').map(({ name }) => name)).toEqual([
      'boris',
      'Zoe',
      'Ann',
      'Чернов',
    ]);
  });

  it.each([
    ['sok', true],
    ['dina sok', true],
    ['SOKOLOVA d', true],
    ['100', true],
    ['okol', false],
    ['dina x', false],
  ])('[WR6] %j finds Dina Sokolova: %s', (query, found) => {
    expect(fits(agent('1006', 'Dina Sokolova', true), query)).toBe(found);
  });

  it('[AP8] accents do not matter', () => {
    expect(fits(agent('1', 'Zoé Čapek', true), 'zoe capek')).toBe(true);
    expect(fits(agent('1', 'Ёлкин', true), 'елк')).toBe(true);
  });
});
