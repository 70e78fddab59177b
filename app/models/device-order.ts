// RG9: in which order an agent's devices are listed, and what they are called.
import type { DeviceView } from '../../domain/protocol/views.ts';

/** The one of `session` first, then what can ring, then the newest; desk phones keep Asterisk's order. */
export function orderedDevices(devices: readonly DeviceView[], session: string): readonly DeviceView[] {
  const rank = (device: DeviceView): number =>
    device.session === session ? 0 : device.phone === 'reachable' ? 1 : 2;
  return [...devices].sort((a, b) => rank(a) - rank(b) || (b.openedAt ?? 0) - (a.openedAt ?? 0));
}

/** A desk's own SIP stack says nothing about the device that its label does not. */
const OWN_STACK = /^SIP\.js\b/i;
const MOST_CHARACTERS = 40;

/** "Yealink SIP-T46S 66.85.0.5" → "Yealink SIP-T46S": maker and model, without version numbers. Null: nothing worth reading. */
export function modelName(userAgent: string | null): string | null {
  if (userAgent === null || OWN_STACK.test(userAgent.trim())) return null;
  const words = userAgent.trim().split(/[\s/]+/);
  const upTo = words.findIndex((word) => /^v?\d+(\.\d+)+/i.test(word) || /^[0-9a-f]{12}$/i.test(word));
  const name = (upTo > 0 ? words.slice(0, upTo) : words).join(' ');
  return name === '' ? null : name.slice(0, MOST_CHARACTERS);
}
