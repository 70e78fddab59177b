// Every refusal the bridge can give, over the socket (nack) and HTTP. People read words looked up from the code.

export const REFUSALS = [
  'bad-request',
  'unknown-status',
  'reason-too-long',
  'reason-control-characters',
  'unknown-agent',
  'unknown-queue',
  'forbidden',
  'not-signed-in',
  'not-reachable',
  'not-registered',
  'unknown-device',
  'asterisk-unavailable',
  'sequence-taken',
  'unauthorised',
  'wrong-credentials',
  'too-many-attempts',
  'session-ended',
  'too-large',
  'too-fast',
  'store-unavailable',
  'not-found',
  'internal',
] as const;
export type Refusal = (typeof REFUSALS)[number];
