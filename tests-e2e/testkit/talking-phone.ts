// A phone that answers: the call is up in Asterisk, without media, until somebody hangs up (or for `rtp_timeout`, 60 s).
import { openPhone, type Phone } from '../../asterisk/testing/phone.ts';
import type { Centre } from '../../tools/centre.ts';
import { connectRawAmi } from './raw-ami.ts';
import type { SipAccount } from './sip-registrant.ts';
import { until } from './wait.ts';

/** Enough of an answer for an endpoint with `webrtc=yes`: the first codec offered, ICE and DTLS that never happen. */
function sdpAnswer(offer: string): string {
  const [, protocol = '', payload = '0'] = /^m=audio \d+ (\S+) (\d+)/m.exec(offer) ?? [];
  const codec = new RegExp(`^a=rtpmap:${payload} .*$`, 'm').exec(offer)?.[0];
  const mid = /^a=mid:\S+/m.exec(offer)?.[0];
  const lines = [
    ...['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 'c=IN IP4 127.0.0.1', 't=0 0'],
    `m=audio 9 ${protocol} ${payload}`,
    ...[codec, mid].filter((line) => line !== undefined),
    ...['a=ice-ufrag:test', `a=ice-pwd:${'test'.repeat(6)}`, 'a=setup:active', 'a=rtcp-mux', 'a=sendrecv'],
    `a=fingerprint:sha-256 ${Array(32).fill('AA').join(':')}`,
  ];
  return `${lines.join('\r\n')}\r\n`;
}

/** Registered, and answers whatever rings. */
export async function talkingPhone({ url, aor, contactName, username, ha1 }: SipAccount): Promise<Phone> {
  const phone = await openPhone({
    ...{ url, session: contactName, credential: { user: username, ha1 } },
    extension: aor.replace(/^sips?:|@.*$/g, ''),
    onInvite: (invite, self) =>
      self.reply(
        invite,
        '200 OK',
        [
          `contact: <sip:${contactName}@${contactName}.invalid;transport=ws>`,
          'content-type: application/sdp',
        ],
        sdpAnswer(invite.body),
      ),
  });
  const status = await phone.register();
  if (status !== 200) throw new Error(`REGISTER was answered with ${status}`);
  return phone;
}

export interface LiveCall {
  /** The agent's channels that Asterisk carries now. */
  channels(): Promise<readonly string[]>;
  hangUp(): Promise<void>;
}

/** A call to the extension that its phone has answered. */
export async function liveCall({ asterisk }: Centre, extension: string): Promise<LiveCall> {
  const { host, ports, ami } = asterisk;
  const channels = async (): Promise<readonly string[]> => {
    const shown = await asterisk.cli('core show channels concise');
    return shown
      .split('\n')
      .filter((line) => line.startsWith(`PJSIP/${extension}-`) && line.includes('!Up!'));
  };
  const act = await connectRawAmi({ host, port: ports.ami, ...ami.act });
  const place = { Context: 'demo-caller', Exten: 's', Priority: '1', Async: 'true' };
  await act.ask('Originate', { Channel: `Local/${extension}@agents-all/n`, ...place });
  act.close();
  await until(`${extension} talks`, async () => (await channels()).length > 0);
  return {
    channels,
    async hangUp() {
      for (const line of await channels())
        await asterisk.cli(`channel request hangup ${line.split('!')[0] ?? ''}`);
      await until(`the call of ${extension} is over`, async () => (await channels()).length === 0);
    },
  };
}
