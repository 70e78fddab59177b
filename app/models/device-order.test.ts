import { describe, expect, it } from 'vitest';
import type { DeviceView } from '../../domain/protocol/views.ts';
import { modelName, orderedDevices } from './device-order.ts';

const device = (id: string, change: Partial<DeviceView> = {}): DeviceView => ({
  ...{ id, session: id, label: 'Chrome, Linux', userAgent: null, address: null, roundTripMs: null },
  ...{ phone: 'reachable', connected: true, openedAt: 1, endsAfterCall: false, ...change },
});

describe('devices', () => {
  it('[RG9] this one first, then what rings, the newest before the older', () => {
    const devices = [
      device('old', { openedAt: 5 }),
      device('silent', { openedAt: 9, phone: 'none' }),
      device('new', { openedAt: 7 }),
      device('mine', { openedAt: 2, phone: 'unreachable' }),
      device('sip:1001@10.0.0.9', { session: null, openedAt: null }),
    ];
    expect(orderedDevices(devices, 'mine').map(({ id }) => id)).toEqual([
      ...['mine', 'new', 'old', 'sip:1001@10.0.0.9', 'silent'],
    ]);
  });

  it.each([
    ['Yealink SIP-T46S 66.85.0.5', 'Yealink SIP-T46S'],
    ['Grandstream GXP2170 1.0.11.35', 'Grandstream GXP2170'],
    ['snom821/8.7.5.35', 'snom821'],
    ['PolycomVVX-VVX_410-UA/5.9.0', 'PolycomVVX-VVX_410-UA'],
    ['Cisco/SPA504G-7.6.2', 'Cisco SPA504G-7.6.2'],
    ['Fanvil X4U 2.4.10 0c383e0a1b2c', 'Fanvil X4U'],
    ['baresip v1.0.0', 'baresip'],
    ['1.2.3', '1.2.3'],
    ['x'.repeat(80), 'x'.repeat(40)],
    ['SIP.js/0.21.1', null],
    ['  ', null],
    [null, null],
  ])('[RG9] %j is called %j', (userAgent, name) => {
    expect(modelName(userAgent)).toBe(name);
  });
});
