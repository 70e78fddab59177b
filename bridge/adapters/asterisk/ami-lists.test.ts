import { describe, expect, it } from 'vitest';
import { roundTripOf } from './ami-lists.ts';

describe('a listed contact’s round trip', () => {
  const item = {
    ...{ event: 'ContactStatusDetail', endpointname: '1001', aor: '1001', status: 'Reachable' },
    ...{ uri: 'sip:4711@10.0.0.7:5060', roundtripusec: '4664' },
  };

  it('[RG12] is as fine as Asterisk measured it', () => {
    expect(roundTripOf(item)).toEqual({
      ...{ extension: '1001', uri: 'sip:4711@10.0.0.7:5060', microseconds: 4_664 },
    });
  });

  it.each([
    ['never measured', { roundtripusec: '0' }],
    ['not available', { roundtripusec: 'N/A' }],
    ['left out', { roundtripusec: undefined }],
    ['of nobody', { endpointname: '', aor: '' }],
    ['of no contact', { uri: '' }],
  ])('[RG12] %s: none', (_name, given) => {
    const message = Object.fromEntries(
      Object.entries({ ...item, ...given }).filter(
        (entry): entry is [string, string] => entry[1] !== undefined,
      ),
    );
    expect(roundTripOf(message)).toBeNull();
  });
});
