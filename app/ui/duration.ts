// How running times are written: 0:41, 12:04, 1:02:09.

const two = (value: number): string => String(value).padStart(2, '0');

/** `ms` below zero counts as zero: clocks disagree by a moment, a person must not see it. */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  const [hours, minutes] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

/** The same as an ISO 8601 duration, for the `datetime` of a `<time>`. */
export function isoDuration(ms: number): string {
  return `PT${Math.max(0, Math.floor(ms / 1_000))}S`;
}
