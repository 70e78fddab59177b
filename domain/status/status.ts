// ST1: the nine statuses, and which of them a person may choose.

export const STATUSES = [
  'ONLINE',
  'OFFLINE',
  'PAUSE',
  'BREAK',
  'TRAINING',
  'MEETING',
  'WRAP_UP',
  'DO_NOT_DISTURB',
  'ON_CALL',
] as const;

export type Status = (typeof STATUSES)[number];

/** ST2: `ON_CALL` follows from a call; nobody chooses it, nothing stores it, Asterisk never hears it. */
export type ChoosableStatus = Exclude<Status, 'ON_CALL'>;

export const CHOOSABLE_STATUSES = STATUSES.filter(
  (status): status is ChoosableStatus => status !== 'ON_CALL',
);

export function isChoosable(value: string): value is ChoosableStatus {
  return (CHOOSABLE_STATUSES as readonly string[]).includes(value);
}
