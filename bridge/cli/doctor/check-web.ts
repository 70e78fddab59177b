// RG1, SE1, OP7, AP10: SIP over WebSocket, its certificate and realm, ARI, and the HTTP server under both.
import { isLoopback } from '../../config.ts';
import { agentsOf } from './agents.ts';
import { isYes, lastValue, valuesOf } from './conf-file.ts';
import type { Facts } from './facts.ts';
import { fragment, fromFile, ok, unknown, warn, wrong, type Check, type Verdict } from './finding.ts';

function realmVerdict({ bridge, sip, conf }: Facts): Verdict {
  const file = conf['pjsip.conf'];
  const section = file?.find((one) => valuesOf(one, 'type').includes('global'));
  const written = section ? valuesOf(section, 'default_realm').at(-1) : undefined;
  const realm = sip?.realm ?? (file ? (written ?? 'asterisk') : null);
  if (realm === null) return unknown('no challenge came, and pjsip.conf could not be read');
  if (realm === bridge.sipRealm) return ok('the realm is the bridge’s', { about: [realm] });
  return wrong(`Asterisk’s realm is ${realm}, SIP_REALM of the bridge is ${bridge.sipRealm}`, {
    fix: fragment('the bridge’s environment', `SIP_REALM=${realm}`),
  });
}

function socketVerdicts({ bridge, sip }: Facts): readonly Verdict[] {
  if (!sip || bridge.sipUrl === null) return [unknown('SIP_URL is not set')];
  const about = [bridge.sipUrl];
  const http = fragment('http.conf', '[general]', 'enabled = yes', 'bindaddr = 127.0.0.1', 'bindport = 8088');
  return [
    sip.problem === null
      ? ok('the WebSocket opens and speaks sip', { about })
      : wrong(`no SIP over WebSocket: ${sip.problem}`, { about, fix: http }),
  ];
}

/** The same as `endpoint.auth`, but seen at the door itself. */
function doorVerdicts({ sip }: Facts): readonly Verdict[] {
  if (!sip || sip.problem !== null) return [];
  const about = [sip.extension];
  return [
    sip.openDoor
      ? wrong('a REGISTER without any secret was answered 200', { about })
      : ok('a REGISTER without a secret is not let in', { about }),
  ];
}

const PROXY = fragment(
  'the reverse proxy (nginx)',
  'location /sip {',
  '  proxy_pass http://127.0.0.1:8088/ws;',
  '  proxy_http_version 1.1;',
  '  proxy_set_header Upgrade $http_upgrade;',
  '  proxy_set_header Connection upgrade;',
  '  proxy_read_timeout 1d;',
  '}',
);

function certificateVerdicts({ bridge, sip }: Facts): readonly Verdict[] {
  const url = bridge.sipUrl === null ? null : new URL(bridge.sipUrl);
  if (url?.protocol === 'ws:')
    return [
      isLoopback(url.hostname)
        ? ok('plain ws on loopback')
        : wrong('SIP_URL is ws:// beyond loopback', { about: [url.hostname], fix: PROXY }),
    ];
  const certificate = sip?.certificate;
  if (!certificate) return url ? [unknown('no certificate was shown')] : [];
  const about = url ? [url.hostname] : [];
  if (certificate.problem !== null)
    return [wrong(`browsers refuse the certificate: ${certificate.problem}`, { about })];
  const days = Math.floor(certificate.daysLeft);
  return [
    days < 14
      ? warn(`the certificate ends in ${days} days`, { about })
      : ok('the certificate is trusted', { about }),
  ];
}

function ariVerdicts({ ari }: Facts): readonly Verdict[] {
  const account = fragment(
    'ari.conf',
    '[desk]',
    'type = user',
    'read_only = yes',
    'password = <a long random one>',
  );
  if (ari.kind === 'not-configured')
    return [warn('ARI_URL is not set: one witness of registrations instead of two', { fix: account })];
  if (ari.kind === 'failed') return [wrong(ari.words, { fix: account })];
  if (ari.write === 'allowed') return [wrong('the ARI user may change things', { fix: account })];
  return [
    ari.write === 'refused'
      ? ok('answers, read-only')
      : unknown('answers; whether it is read-only is not known'),
  ];
}

const sessionVerdict = fromFile('http.conf', (file, facts) => {
  const limit = Number(lastValue(file, 'general', 'sessionlimit') ?? 100);
  const least = 2 * agentsOf(facts).endpoints.length + 10;
  const fix = fragment('http.conf', '[general]', 'sessionlimit = 2000');
  if (limit < least) return [wrong(`sessionlimit is ${limit}: too few for the agents there are`, { fix })];
  return [
    limit < 500 ? warn(`sessionlimit is ${limit}: each open page takes one`, { fix }) : ok('enough sessions'),
  ];
});

const httpVerdict = fromFile('http.conf', (file) => {
  const bind = lastValue(file, 'general', 'bindaddr') ?? '0.0.0.0';
  const fix = fragment('http.conf', '[general]', 'bindaddr = 127.0.0.1');
  return [
    isLoopback(bind)
      ? ok('plain HTTP on loopback only')
      : warn(`plain HTTP listens on ${bind}: SIP, and ARI’s password, cross the network unencrypted`, {
          fix,
        }),
  ];
});

const iceVerdict = fromFile('rtp.conf', (file) => [
  isYes(lastValue(file, 'general', 'icesupport') ?? 'yes')
    ? ok('ICE is on')
    : wrong('ICE is off: no audio in a browser', {
        fix: fragment('rtp.conf', '[general]', 'icesupport = yes'),
      }),
]);

export const WEB_CHECKS: readonly Check[] = [
  { id: 'sip.websocket', why: 'AP10: desks register through it.', look: socketVerdicts },
  {
    id: 'sip.open-door',
    why: 'SE1: whoever reaches the WebSocket takes this agent’s calls.',
    look: doorVerdicts,
  },
  {
    id: 'sip.certificate',
    why: 'AP10: a browser opens no socket to a certificate it does not trust, and says nothing.',
    look: certificateVerdicts,
  },
  {
    id: 'sip.realm',
    why: 'SE1: secrets are stored as md5(user:realm:secret); with another realm none of them fits.',
    look: (facts) => [realmVerdict(facts)],
  },
  {
    id: 'http.sessionlimit',
    why: 'AP10: one HTTP session for each open page; with the default of 100 the 101st is turned away.',
    look: sessionVerdict,
  },
  { id: 'http.bind', why: 'AP10: plain ws only on loopback; TLS is the reverse proxy’s.', look: httpVerdict },
  { id: 'rtp.ice', why: 'AP6: a browser’s audio finds its way by ICE.', look: iceVerdict },
  {
    id: 'ari.read-only',
    why: 'RG1, OP7: the second witness of registrations, who can see but not touch.',
    look: ariVerdicts,
  },
];
