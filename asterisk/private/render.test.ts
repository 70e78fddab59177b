import { describe, expect, it } from 'vitest';
import { memberRow, queueAddFields } from './members.ts';
import { checkQueues, fillIn, queueExtensions, queueSections, realtimeMembers } from './render.ts';
import { endpointRows } from '../reference/endpoint.ts';
import { callerSound } from './sound.ts';

describe('the templates', () => {
  it('fill every placeholder in and refuse one without a value', () => {
    expect(fillIn('port = {{port}} ; {{port}} of {{host}}', { port: 1, host: 'h' })).toBe(
      'port = 1 ; 1 of h',
    );
    expect(() => fillIn('{{port}}', {})).toThrow('no value for {{port}}');
  });

  it('[PS9] [RG9] write members that start paused and ring every device', () => {
    expect(queueSections([{ name: 'sales', members: ['1002'] }])).toBe(
      '[sales](desk-queue)\nmember => Local/1002@agents-all,0,1002,PJSIP/1002,no,0,yes',
    );
    expect(queueExtensions([{ name: 'sales', members: [] }])).toContain('exten => sales,1,');
  });

  it('[PS3] [PS9] name each kind of member by its own interface and the endpoint', () => {
    expect(queueSections([{ name: 'sales', members: [], plain: ['1002'] }])).toBe(
      '[sales](desk-queue)\nmember => PJSIP/1002,0,1002,PJSIP/1002,no,0,yes',
    );
    expect(memberRow('sales', { extension: '1003' })).toEqual({
      queue_name: 'sales',
      interface: 'Local/1003@agents-all',
      membername: '1003',
      state_interface: 'PJSIP/1003',
    });
    expect(queueAddFields('sales', { extension: '1004', plain: true }, 'Signed off')).toEqual({
      Queue: 'sales',
      Interface: 'PJSIP/1004',
      MemberName: '1004',
      StateInterface: 'PJSIP/1004',
      Paused: '1',
      Reason: 'Signed off',
    });
  });

  it('ask the database for members only where rows are planned', () => {
    expect(realtimeMembers([{ name: 'sales', members: ['1001'] }])).toBe('');
    expect(realtimeMembers([{ name: 'sales', members: [], realtime: [] }])).toContain('queue_members =>');
  });

  it.each([
    [[{ name: 'a b', members: [] }], /cannot be named "a b"/],
    [[{ name: 'general', members: [] }], /cannot be named/],
    [[{ name: 'x\n[y]', members: [] }], /cannot be named/],
    [[{ name: 'sales', members: ['10,01'] }], /extension of 2 to 15 digits/],
    [[{ name: 'sales', members: [], plain: ['x'] }], /extension of 2 to 15 digits/],
    [[{ name: 'sales', members: [], realtime: [{ extension: 'x' }] }], /extension of 2 to 15 digits/],
    [
      [
        { name: 'sales', members: [] },
        { name: 'sales', members: [] },
      ],
      /twice/,
    ],
  ])('refuse %j', (queues, words) => {
    expect(() => {
      checkQueues(queues);
    }).toThrow(words);
  });
});

describe("an agent's rows", () => {
  it('[SE1] never leave the list of secrets empty', () => {
    const { endpoint, aor, noAuth } = endpointRows('1002', 'Bob "B" <x>', 'f'.repeat(32));
    expect([endpoint['auth'], aor['id'], noAuth['md5_cred']]).toEqual([noAuth['id'], '1002', 'f'.repeat(32)]);
    expect(endpoint['callerid']).toBe('"Bob B x" <1002>');
  });
});

describe("the demo caller's sound", () => {
  it('is never silent for as long as 20 ms', () => {
    const sound = callerSound();
    for (let packet = 0; packet < sound.length; packet += 320) {
      const samples = Array.from({ length: 160 }, (_, at) => Math.abs(sound.readInt16LE(packet + at * 2)));
      expect(Math.max(...samples)).toBeGreaterThan(500);
    }
  });
});
