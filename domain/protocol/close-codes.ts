// WR3: why a socket ends, in one table. `fatal`: the same page must not try again by itself; `retry`: it does.

export interface CloseReason {
  readonly code: number;
  readonly after: 'fatal' | 'retry' | 'refresh';
  readonly text: string;
}

export const CLOSE = {
  goingAway: { code: 1001, after: 'retry', text: 'the bridge stops' },
  tooLarge: { code: 1009, after: 'retry', text: 'a frame over the limit' },
  helloTimeout: { code: 4000, after: 'retry', text: 'no hello within 5 s' },
  unauthorised: { code: 4001, after: 'refresh', text: 'the access token is missing, wrong or old' },
  badFrame: { code: 4002, after: 'retry', text: 'a frame that is not of the protocol' },
  protocol: { code: 4003, after: 'fatal', text: 'protocol version not spoken here' },
  sessionEnded: { code: 4004, after: 'fatal', text: 'the session was ended' },
  tooFast: { code: 4005, after: 'retry', text: 'too many frames a second' },
  tooSlow: { code: 4006, after: 'retry', text: 'the client did not read for 30 s' },
  scopeChanged: {
    code: 4008,
    after: 'retry',
    text: 'the role or the teams changed: what is shown changes too',
  },
  silent: { code: 4007, after: 'retry', text: 'no heartbeat answered' },
} as const satisfies Record<string, CloseReason>;

const table: readonly CloseReason[] = Object.values(CLOSE);

/** What a client does after a close; codes that are not ours are network trouble and are tried again. */
export function afterClose(code: number): CloseReason['after'] {
  return table.find((reason) => reason.code === code)?.after ?? 'retry';
}
