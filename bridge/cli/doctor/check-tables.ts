// RG6, RG8, RG10, WB5: Asterisk's tables, and whether they are Asterisk's.
import { isYes, lastValue, sectionsNamed, valuesOf } from './conf-file.ts';
import type { Facts, TableFacts } from './facts.ts';
import { fragment, fromFile, ok, unknown, warn, wrong, type Check, type Verdict } from './finding.ts';
import { versionOf, writesQualify2xxOnly } from './version.ts';

const SORCERY = [
  'endpoint = config,pjsip.conf,criteria=type=endpoint',
  'endpoint = realtime,ps_endpoints',
  'auth = config,pjsip.conf,criteria=type=auth',
  'auth = realtime,ps_auths',
  'aor = config,pjsip.conf,criteria=type=aor',
  'aor = realtime,ps_aors',
  'contact = realtime,ps_contacts',
];
const KINDS = ['endpoint', 'auth', 'aor', 'contact'] as const;
const TABLES = {
  endpoint: 'ps_endpoints',
  auth: 'ps_auths',
  aor: 'ps_aors',
  contact: 'ps_contacts',
} as const;
const mapping = (table: string): string => `${table} => odbc,agentdb,${table}`;

/** Kinds of objects that sorcery.conf keeps in a table. Null: not known. */
function kindsInTables({ conf }: Facts): readonly (typeof KINDS)[number][] | null {
  const file = conf['sorcery.conf'];
  if (!file) return null;
  const settings = sectionsNamed(file, 'res_pjsip').flatMap((section) => section.settings);
  return KINDS.filter((kind) =>
    settings.some(([key, value]) => key.split('/')[0] === kind && value.startsWith('realtime,')),
  );
}

/** Contacts are in a table, or are thought to be: the bridge was given its file. */
export const isRealtime = (facts: Facts): boolean =>
  kindsInTables(facts)?.includes('contact') ?? facts.tables.kind !== 'not-configured';

const engineOf = ({ conf }: Facts, table: string): string | null => {
  const value = lastValue(conf['extconfig.conf'] ?? [], 'settings', table);
  return value?.split(',')[0]?.trim().toLowerCase() ?? null;
};

function realtimeVerdict(facts: Facts): Verdict {
  const kinds = kindsInTables(facts);
  if (!kinds) return unknown('sorcery.conf could not be read');
  const sorcery = fragment('sorcery.conf', '[res_pjsip]', ...SORCERY);
  if (kinds.length === 0)
    return warn('no realtime: one device’s secret cannot be taken back, its sign-out ends its contact only', {
      fix: sorcery,
    });
  if (kinds.length < KINDS.length)
    return wrong(`only ${kinds.join(', ')} in tables: the bridge needs all of ${KINDS.join(', ')}`, {
      fix: sorcery,
    });
  if (!facts.conf['extconfig.conf']) return unknown('extconfig.conf could not be read');
  const unmapped = KINDS.map((kind) => TABLES[kind]).filter((table) => engineOf(facts, table) === null);
  if (unmapped.length > 0)
    return wrong('sorcery.conf names tables that extconfig.conf does not map', {
      about: unmapped,
      fix: fragment('extconfig.conf', '[settings]', ...unmapped.map(mapping)),
    });
  return ok('endpoints, secrets, AORs and contacts are rows');
}

function engineVerdict(facts: Facts): readonly Verdict[] {
  const engine = engineOf(facts, 'ps_contacts');
  if (engine === null) return [];
  if (engine !== 'sqlite3' && engine !== 'sqlite') return [ok(`ps_contacts goes through ${engine}`)];
  return [
    wrong(
      'ps_contacts goes through res_config_sqlite3, whose delete ignores the key: nothing is ever deleted',
      {
        fix: fragment('extconfig.conf', '[settings]', mapping('ps_contacts')),
      },
    ),
  ];
}

/** Columns Asterisk writes into ps_contacts (asterisk/reference/schema.sqlite.sql), and ours. */
const CONTACT_COLUMNS: Readonly<Record<string, string>> = {
  ...{ id: 'TEXT', uri: 'TEXT', expiration_time: 'INTEGER', qualify_frequency: 'INTEGER' },
  ...{ qualify_timeout: 'REAL', authenticate_qualify: 'TEXT', outbound_proxy: 'TEXT', path: 'TEXT' },
  ...{ user_agent: 'TEXT', endpoint: 'TEXT', reg_server: 'TEXT', via_addr: 'TEXT', via_port: 'INTEGER' },
  ...{ call_id: 'TEXT', prune_on_boot: 'TEXT', status: 'TEXT' },
};

type ReadTables = Extract<TableFacts, { readonly kind: 'read' }>;

function columnVerdict(facts: Facts, { columns }: ReadTables): Verdict {
  const absent = Object.values(TABLES).filter((table) => !columns[table]?.length);
  const schema = fragment('the terminal', 'sqlite3 FILE < asterisk/reference/schema.sqlite.sql');
  if (absent.length > 0) return wrong('the file lacks tables', { about: absent, fix: schema });
  const version = versionOf(facts.core.version ?? '');
  const wanted =
    version && writesQualify2xxOnly(version)
      ? { ...CONTACT_COLUMNS, qualify_2xx_only: 'TEXT' }
      : CONTACT_COLUMNS;
  const missing = Object.entries(wanted).filter(([name]) => !columns['ps_contacts']?.includes(name));
  if (missing.length === 0) return ok('the tables have the columns that are written');
  return wrong('ps_contacts lacks columns', {
    about: missing.map(([name]) => name),
    fix: fragment(
      'SQL',
      ...missing.map(([name, type]) => `ALTER TABLE ps_contacts ADD COLUMN ${name} ${type};`),
    ),
  });
}

function tablesVerdicts(facts: Facts): readonly Verdict[] {
  const { tables } = facts;
  if (tables.kind === 'not-configured')
    return isRealtime(facts) ? [warn('PBX_DATABASE_FILE is not set')] : [];
  if (tables.kind === 'failed')
    return isRealtime(facts)
      ? [
          wrong(tables.words, {
            fix: fragment('the bridge’s environment', 'PBX_DATABASE_FILE=<Database of odbc.ini>'),
          }),
        ]
      : [];
  return isRealtime(facts) ? [columnVerdict(facts, tables)] : [];
}

function sameVerdict({ tables, core }: Facts): readonly Verdict[] {
  if (tables.kind !== 'read' || !core.sample || !tables.endpoints.some(({ id }) => id === core.sample?.id))
    return [];
  if (core.sample.known)
    return [ok('Asterisk knows the endpoints of this file', { about: [core.sample.id] })];
  return [
    wrong('Asterisk does not know an endpoint that is in the file: it reads another one, or no tables', {
      about: [core.sample.id],
      fix: fragment('the bridge’s environment', 'PBX_DATABASE_FILE=<Database of odbc.ini>'),
    }),
  ];
}

function queueLogVerdicts(facts: Facts): readonly Verdict[] {
  const { conf } = facts;
  if (!conf['extconfig.conf'] || !conf['logger.conf'])
    return [unknown('extconfig.conf or logger.conf could not be read')];
  if (engineOf(facts, 'queue_log') === null)
    return [
      warn('queue_log is not a table: reports have no queue figures', {
        fix: fragment('extconfig.conf', '[settings]', mapping('queue_log')),
      }),
    ];
  return [
    isYes(lastValue(conf['logger.conf'], 'general', 'queue_log_realtime_use_gmt'))
      ? ok('queue_log is a table, its times are UTC')
      : wrong('queue_log is written in local time without a zone', {
          fix: fragment('logger.conf', '[general]', 'queue_log_realtime_use_gmt = yes'),
        }),
  ];
}

const expiryVerdict = fromFile('pjsip.conf', (file, facts) => {
  const section = file.find((one) => valuesOf(one, 'type').includes('global'));
  const seconds = Number(
    section ? (valuesOf(section, 'contact_expiration_check_interval').at(-1) ?? 30) : 30,
  );
  const fix = fragment('pjsip.conf', '[global]', 'type = global', 'contact_expiration_check_interval = 5');
  if (!isRealtime(facts)) return [];
  if (!(seconds > 0)) return [wrong('expired contacts are never looked for', { fix })];
  return [
    seconds > 10
      ? warn(`expired contacts are looked for every ${seconds} s only`, { fix })
      : ok('expired contacts go soon'),
  ];
});

export const TABLE_CHECKS: readonly Check[] = [
  {
    id: 'tables.realtime',
    why: 'RG10, SE1: one SIP secret for each device, taken back alone, is a row of ps_auths.',
    look: (facts) => [realtimeVerdict(facts)],
  },
  {
    id: 'tables.engine',
    why: 'RG6: with it every phone that ever came stays in the list as a ghost.',
    look: engineVerdict,
  },
  {
    id: 'tables.columns',
    why: 'RG6: a contact that cannot be written is not registered.',
    look: tablesVerdicts,
  },
  { id: 'tables.same', why: 'RG6, SE1: bridge and Asterisk must mean the same tables.', look: sameVerdict },
  { id: 'tables.queue-log', why: 'WB5: queue figures come from it, in UTC.', look: queueLogVerdicts },
  {
    id: 'tables.member-name',
    why: 'WB5: queue_log names the member by name, and a member’s name is the extension.',
    look: fromFile('queues.conf', (file) => [
      isYes(lastValue(file, 'general', 'log_membername_as_agent'))
        ? ok('queue_log names the agent')
        : wrong('queue_log names some events by interface instead of the agent', {
            fix: fragment('queues.conf', '[general]', 'log_membername_as_agent = yes'),
          }),
    ]),
  },
  {
    id: 'contacts.expiry',
    why: 'RG8: how long a contact that was signed out may still ring if it could not be pruned at once.',
    look: expiryVerdict,
  },
];
