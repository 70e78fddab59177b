// OP2, OP3: configuration by environment. What is wrong is named with its variable, all of it at once.
import * as v from 'valibot';

const Port = v.pipe(
  v.string(),
  v.regex(/^\d{1,5}$/, 'must be a port number'),
  v.transform(Number),
  v.maxValue(65_535, 'must be a port number'),
);
const Ms = v.pipe(v.string(), v.regex(/^\d{1,9}$/, 'must be a number of ms'), v.transform(Number));
const Minutes = v.pipe(
  v.string(),
  v.regex(/^\d{1,5}(\.\d{1,3})?$/, 'must be a number of minutes'),
  v.transform(Number),
);
const Hours = v.pipe(
  v.string(),
  v.regex(/^\d{1,3}(\.\d{1,3})?$/, 'must be a number of hours'),
  v.transform(Number),
);
const Required = v.pipe(v.string('is missing'), v.trim(), v.nonEmpty('is missing'));
const Flag = v.pipe(
  v.picklist(['0', '1'], 'must be 0 or 1'),
  v.transform((value) => value === '1'),
);

function isTimeZone(name: string): boolean {
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: name }));
  } catch {
    return false;
  }
}

const EnvironmentSchema = v.object({
  HTTP_HOST: v.optional(Required, '127.0.0.1'),
  HTTP_PORT: v.optional(Port, '8080'),
  /** Where people reach the app; decides cookies and the allowed Origin. Absent: any address this server is asked by. */
  PUBLIC_URL: v.optional(
    v.pipe(v.string(), v.url('must be a URL'), v.regex(/^https?:/i, 'must begin with http:// or https://')),
  ),
  APP_DIR: v.optional(Required, 'app/dist'),
  DATABASE_FILE: Required,
  PBX_DATABASE_FILE: Required,
  AMI_HOST: v.optional(Required, '127.0.0.1'),
  AMI_PORT: v.optional(Port, '5038'),
  AMI_WATCH_USER: v.optional(Required, 'watch'),
  AMI_WATCH_SECRET: Required,
  /** RG1: ARI, a second witness of registrations. Absent: done without. */
  ARI_URL: v.optional(
    v.pipe(v.string(), v.url('must be a URL'), v.regex(/^https?:/i, 'must begin with http:// or https://')),
  ),
  ARI_USER: v.optional(Required),
  ARI_PASSWORD: v.optional(Required),
  SIP_URL: v.pipe(Required, v.regex(/^wss?:\/\//, 'must begin with ws:// or wss://'), v.url('must be a URL')),
  SIP_REALM: v.optional(Required, 'asterisk'),
  SIP_DOMAIN: v.optional(Required, 'localhost'),
  STATE_INTERFACE: v.optional(v.pipe(Required, v.includes('<ext>', 'must hold <ext>')), 'PJSIP/<ext>'),
  /** RG1: how long a lost registration may take to come back before it counts. */
  GRACE_MS: v.optional(Ms, '8000'),
  /** RG13: how long an ONLINE agent may be without any desk. */
  DESK_CLOSED_MIN: v.optional(Minutes, '15'),
  /** SE5: how long a session without page and contact may be ONLINE, or anything else, before it is closed. */
  ORPHAN_ONLINE_MIN: v.optional(Minutes, '15'),
  ORPHAN_MIN: v.optional(Minutes, '90'),
  /** SE5: how long a session may last at all. */
  MAX_SESSION_H: v.optional(Hours, '14'),
  BRIDGE_SECRET: v.pipe(Required, v.minLength(32, 'must have at least 32 characters')),
  CENTRE_NAME: v.optional(Required, 'Call centre'),
  CENTRE_TZ: v.optional(
    v.pipe(Required, v.check(isTimeZone, 'must be a time zone such as Europe/Berlin')),
    'UTC',
  ),
  LOG_LEVEL: v.optional(
    v.picklist(['debug', 'info', 'warn', 'error', 'silent'], 'must be a log level'),
    'info',
  ),
  /** The demo centre: loopback only, never in production (OP6). */
  DEMO: v.optional(Flag, '0'),
  NODE_ENV: v.optional(v.string(), ''),
});

export type Config = Readonly<v.InferOutput<typeof EnvironmentSchema>>;

/** A configuration the bridge cannot start with; `problems` names each variable. */
export class ConfigError extends Error {
  readonly code = 'bad-configuration';
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(`bad configuration: ${problems.join('; ')}`);
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

/** An address or name of this machine; IPv6 with or without the brackets it has in a URL. */
export const isLoopback = (host: string): boolean =>
  ['localhost', '::1', '[::1]'].includes(host) || /^127(?:\.\d{1,3}){3}$/.test(host);

/** OP7: the password goes over this machine's loopback or under TLS, and never in a URL. */
function ariProblems({ ARI_URL, ARI_USER, ARI_PASSWORD }: Config): readonly string[] {
  if (ARI_URL === undefined) return [];
  const problems = Object.entries({ ARI_USER, ARI_PASSWORD })
    .filter(([, value]) => value === undefined)
    .map(([name]) => `${name} is missing`);
  const { protocol, hostname, username, password, search, hash } = new URL(ARI_URL);
  if (protocol === 'http:' && !isLoopback(hostname))
    problems.push('ARI_URL must be https:// beyond loopback');
  if (username || password) problems.push('ARI_URL must hold no user and no password');
  if (search || hash) problems.push('ARI_URL must end with its path');
  return problems;
}

/** OP6, AP10: what fits each variable but not all of them together. */
function contradictions(config: Config): readonly string[] {
  const problems: string[] = [];
  if (config.DEMO && config.NODE_ENV === 'production')
    problems.push('DEMO is refused with NODE_ENV=production');
  if (config.DEMO && !isLoopback(config.HTTP_HOST))
    problems.push('HTTP_HOST must be a loopback address with DEMO');
  const publicHost = config.PUBLIC_URL === undefined ? 'localhost' : new URL(config.PUBLIC_URL).hostname;
  if (config.DEMO && !isLoopback(publicHost))
    problems.push('PUBLIC_URL must be a loopback address with DEMO');
  const sip = new URL(config.SIP_URL);
  if (sip.protocol === 'ws:' && !isLoopback(sip.hostname))
    problems.push('SIP_URL must be wss:// beyond loopback');
  return [...problems, ...ariProblems(config)];
}

/** Throws ConfigError. Values never appear in it: they may be secrets. */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const given = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = v.safeParse(EnvironmentSchema, given);
  if (!parsed.success) {
    throw new ConfigError(
      parsed.issues.map((issue) => {
        const missing = issue.type === 'object' || issue.received === 'undefined';
        return `${v.getDotPath(issue) ?? '?'} ${missing ? 'is missing' : issue.message}`;
      }),
    );
  }
  const problems = contradictions(parsed.output);
  if (problems.length > 0) throw new ConfigError(problems);
  return parsed.output;
}

/** OP6: a store of the demo centre is refused by name in production and on a public address. Throws ConfigError. */
export function assertPlace(config: Config, storeIsDemo: boolean): void {
  if (storeIsDemo === config.DEMO) return;
  throw new ConfigError([
    storeIsDemo
      ? 'DATABASE_FILE is a demo centre: it runs with DEMO=1 only'
      : 'DEMO=1 with a DATABASE_FILE that is no demo centre',
  ]);
}
