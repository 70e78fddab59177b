// Where the doctor has to look: the bridge's environment, or the run folder of a private Asterisk.
import { join } from 'node:path';
import { readSettings, type Settings } from '../../../asterisk/private/settings.ts';
import type { AriAddress } from '../../adapters/asterisk/ari-address.ts';
import { ConfigError, readConfig } from '../../config.ts';

export interface Account {
  readonly user: string;
  readonly secret: string;
}

export interface Situation {
  readonly host: string;
  readonly port: number;
  readonly watch: Account;
  /** Without a secret manager.conf alone says what the user may do. */
  readonly act: { readonly user: string; readonly secret: string | null };
  readonly ari: AriAddress | null;
  readonly sipUrl: string | null;
  readonly sipRealm: string;
  readonly sipDomain: string;
  readonly stateInterface: string;
  readonly pbxFile: string | null;
  /** Null: not from the environment, so nobody has been asked. */
  readonly problems: readonly string[] | null;
}

type Environment = Readonly<Record<string, string | undefined>>;

function problemsOf(environment: Environment): readonly string[] {
  try {
    readConfig(environment);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

function socketUrl(text: string): string | null {
  return /^wss?:\/\//.test(text) && URL.canParse(text) ? text : null;
}

/** Takes what is there: a bridge that would not start is one of the findings. */
export function fromEnvironment(environment: Environment): Situation {
  const value = (name: string, fallback = ''): string => environment[name]?.trim() || fallback;
  const ariUrl = value('ARI_URL');
  return {
    host: value('AMI_HOST', '127.0.0.1'),
    port: Number(value('AMI_PORT', '5038')) || 5038,
    watch: { user: value('AMI_WATCH_USER', 'watch'), secret: value('AMI_WATCH_SECRET') },
    act: { user: value('AMI_ACT_USER', 'act'), secret: value('AMI_ACT_SECRET') || null },
    ari: URL.canParse(ariUrl)
      ? { url: ariUrl, user: value('ARI_USER'), password: value('ARI_PASSWORD') }
      : null,
    sipUrl: socketUrl(value('SIP_URL')),
    sipRealm: value('SIP_REALM', 'asterisk'),
    sipDomain: value('SIP_DOMAIN', 'localhost'),
    stateInterface: value('STATE_INTERFACE', 'PJSIP/<ext>'),
    pbxFile: value('PBX_DATABASE_FILE') || null,
    problems: problemsOf(environment),
  };
}

const fromSettings = (settings: Settings): Situation => ({
  host: settings.host,
  port: settings.ports.ami,
  watch: settings.ami.watch,
  act: settings.ami.act,
  ari: { url: `http://${settings.host}:${settings.ports.http}/ari`, ...settings.ari },
  sipUrl: `ws://${settings.host}:${settings.ports.http}/ws`,
  sipRealm: settings.sipRealm,
  sipDomain: 'localhost',
  stateInterface: 'PJSIP/<ext>',
  pbxFile: settings.dbFile,
  problems: null,
});

/** The folder that `npm start` or asterisk/private made; null when there is no such Asterisk. */
export function fromRunFolder(folder: string): Situation | null {
  const settings = readSettings(folder) ?? readSettings(join(folder, 'asterisk'));
  return settings && fromSettings(settings);
}
