// The ways from page to page: a rail where there is room, a bar under the thumb where there is not.
import { seesHealth, type Page } from '../../models/pages.ts';
import type { IconName } from '../../ui/icons.ts';

export interface Tab {
  readonly page: Page;
  readonly icon: IconName;
}

const DESK: Tab = { page: 'desk', icon: 'headset' };
const PEOPLE: Tab = { page: 'people', icon: 'MEETING' };
const DEVICES: Tab = { page: 'devices', icon: 'devices' };
const HEALTH: Tab = { page: 'health', icon: 'health' };
const MORE: Tab = { page: 'more', icon: 'settings' };

type Role = Parameters<typeof seesHealth>[0];

/** What is not beside the desk anyway. */
export const furtherTabs = (role: Role): readonly Tab[] => (seesHealth(role) ? [DEVICES, HEALTH] : [DEVICES]);
export const railTabs = (role: Role): readonly Tab[] => [DESK, ...furtherTabs(role)];
export const BAR_TABS: readonly Tab[] = [DESK, PEOPLE, MORE];
