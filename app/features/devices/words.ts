// What a device is called.
import type { DeviceView } from '../../../domain/protocol/views.ts';
import type { I18n } from '../../i18n/i18n.svelte.ts';
import { modelName } from '../../models/device-order.ts';
import type { IconName } from '../../ui/icons.ts';

/** Its own name for itself, else the model of a desk phone. */
export function deviceName({ label, session, userAgent }: DeviceView, { t }: I18n): string {
  if (label !== null && label !== '') return label;
  if (session !== null) return t('devices.leftover');
  return modelName(userAgent) ?? t('devices.deskPhone');
}

/** What it is beside its name; null: nothing that the name does not say. */
export function deviceKind({ label, session, userAgent }: DeviceView, { t }: I18n): string | null {
  const model = modelName(userAgent);
  if (session !== null) return label === null ? null : model;
  return model === null ? null : t('devices.deskPhone');
}

export function deviceIcon({ label, session }: DeviceView): IconName {
  if (session === null) return 'deskPhone';
  return /Android|iOS/.test(label ?? '') ? 'mobile' : 'laptop';
}

export const PHONE_WORDS = {
  reachable: 'devices.rings',
  unreachable: 'devices.silent',
  none: 'devices.none',
} as const;

export const wholeMs = (ms: number): number => Math.max(1, Math.round(ms));
