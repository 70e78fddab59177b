// The app's composition root: the one place where models, ports and adapters meet. Read this first.
import { mount } from 'svelte';
import { deskPolicy } from '../domain/connection/reconnect.ts';
import { createAuth } from './adapters/bridge/auth.ts';
import { createBridge } from './adapters/bridge/socket.ts';
import { createAddress } from './adapters/platform/address.ts';
import { createBrowserClock, createBrowserRng } from './adapters/platform/clock.ts';
import { deviceName, newDeviceId } from './adapters/platform/device.ts';
import { createTabs } from './adapters/platform/tabs.ts';
import { onWake } from './adapters/platform/wake.ts';
import { createSipPhone, createWithin } from './adapters/sip/line.ts';
import { createLogStores } from './adapters/storage/log-store.ts';
import { createReceiptStore } from './adapters/storage/receipts.ts';
import { createProfileStore, createSettingsStore } from './adapters/storage/settings.ts';
import App from './features/App.svelte';
import { I18n } from './i18n/i18n.svelte.ts';
import { pickLanguage } from './i18n/translate.ts';
import { Desk } from './models/desk.svelte.ts';
import { Settings } from './models/settings.svelte.ts';
import './ui/tokens.css';
import './ui/base.css';

function element<Kind extends HTMLElement>(id: string, kind: new () => Kind): Kind {
  const found = document.getElementById(id);
  if (found instanceof kind) return found;
  throw new Error(`index.html has no ${id}`);
}

async function main(): Promise<void> {
  const base = document.baseURI;
  const clock = createBrowserClock();
  const i18n = new I18n();
  const settings = new Settings(createSettingsStore('desk-settings'), i18n);
  const profiles = createProfileStore('desk-settings');
  const audio = element('remote-audio', HTMLAudioElement);

  const desk = new Desk({
    auth: createAuth(base, deviceName(navigator.userAgent)),
    bridge: createBridge(base),
    phone: createSipPhone(
      audio,
      base,
      createWithin((delayMs, callback) => clock.after(delayMs, callback)),
    ),
    stores: createLogStores(newDeviceId),
    profiles,
    receipts: createReceiptStore('receipts'),
    address: createAddress(),
    tabs: createTabs('desk'),
    clock,
    rng: createBrowserRng(),
    policy: deskPolicy,
    i18n,
  });

  await settings.load(pickLanguage(navigator.languages));
  mount(App, { target: element('app', HTMLDivElement), props: { deps: { desk, settings, i18n } } });
  onWake(() => desk.nudge());
  desk.start();
}

void main();
