// The reference configuration with one line changed: the doctor names exactly that.
import { describe, expect, it } from 'vitest';
import { confWith, factsOf, faultsOf, type Edit } from './doctor-test-bench.ts';
import { judge } from './judge.ts';

interface Broken {
  readonly title: string;
  readonly edit: Edit;
  readonly id: string;
  readonly about: readonly string[];
  readonly state: string;
}

const rows: Broken[] = [];
/** Of one file: the text replaced by another gives this finding about these. */
const inFile =
  (file: Edit['file']) =>
  (
    title: string,
    [from, to]: readonly [string, string],
    [id, state]: readonly [string, 'wrong' | 'warn'],
    about: readonly string[] = [],
  ): void =>
    void rows.push({ title, edit: { file, from, to }, id, about, state });

const both = ['support', 'sales'];
const member = ['Local/1001@agents-all in support'];

const queues = inFile('queues.conf');
queues('[RG11] ringinuse yes', ['ringinuse = no', 'ringinuse = yes'], ['queue.ringinuse', 'wrong'], both);
queues('[RG11] ringinuse not set', ['ringinuse = no', ''], ['queue.ringinuse', 'wrong'], both);
queues('[ST9] autopause yes', ['autopause = no', 'autopause = yes'], ['queue.autopause', 'wrong'], both);
queues(
  '[ST9] autopause in one queue',
  ['[sales](desk-queue)', '[sales](desk-queue)\nautopause=all'],
  ['queue.autopause', 'wrong'],
  ['sales'],
);
queues('[ST6] no wrapuptime', ['wrapuptime = 2', 'wrapuptime = 0'], ['queue.wrapuptime', 'warn'], both);
queues('[ST6] long wrapuptime', ['wrapuptime = 2', 'wrapuptime = 30'], ['queue.wrapuptime', 'warn'], both);
queues('[RG11] retry 5', ['retry = 1', 'retry = 5'], ['queue.retry', 'warn'], both);
queues('[RG11] autofill no', ['autofill = yes', 'autofill = no'], ['queue.autofill', 'wrong'], both);
queues('[RG11] autofill not set', ['autofill = yes', ''], ['queue.autofill', 'warn'], both);
queues(
  '[PS9] joinempty strict',
  ['joinempty = yes', 'joinempty = strict'],
  ['queue.joinempty', 'wrong'],
  both,
);
queues(
  '[PS9] joinempty with paused',
  ['joinempty = yes', 'joinempty = inuse,paused'],
  ['queue.joinempty', 'wrong'],
  both,
);
queues(
  '[PS9] leavewhenempty yes',
  ['leavewhenempty = no', 'leavewhenempty = yes'],
  ['queue.leavewhenempty', 'wrong'],
  both,
);
queues('[ST6] no shared_lastcall', ['shared_lastcall = yes', ''], ['queue.shared-lastcall', 'warn']);
queues('[WB5] no member name', ['log_membername_as_agent = yes', ''], ['tables.member-name', 'wrong']);
queues(
  '[RG9] a member with /n',
  ['1001@agents-all', '1001@agents-all/n'],
  ['member.interface', 'wrong'],
  ['Local/1001@agents-all/n in support'],
);
queues(
  '[RG9] a plain member',
  ['Local/1001@agents-all', 'PJSIP/1001'],
  ['member.interface', 'warn'],
  ['PJSIP/1001 in support'],
);
queues(
  '[PS3] a hint as state interface',
  ['PJSIP/1001,', 'hint:1001@hints,'],
  ['member.state-interface', 'wrong'],
  member,
);
queues('[WB5] a member with a name', [',1001,', ',Ada,'], ['member.name', 'warn'], member);
queues(
  '[PS9] a member that starts unpaused',
  ['PJSIP/1001,no,0,yes', 'PJSIP/1001'],
  ['member.paused', 'wrong'],
  member,
);

const dialplan = inFile('extensions.conf');
dialplan(
  '[RG9] a context that dials one contact',
  ['${PJSIP_DIAL_CONTACTS(${EXTEN})}', 'PJSIP/${EXTEN}'],
  ['dialplan.members', 'wrong'],
  ['agents-all'],
);
dialplan('[ST6] no X-Linkedid', [',b(call-headers^s^1)', ''], ['dialplan.headers', 'warn'], ['agents-all']);
dialplan('[WR4] agents may spy', ['Echo()', 'ChanSpy(PJSIP/)'], ['endpoint.context', 'wrong'], ['agents']);
dialplan(
  '[WR4] agents may spy by way of another context',
  ['Echo()', 'Goto(spy,s,1)\n\n[spy]\nexten => s,1,ChanSpy()'],
  ['endpoint.context', 'wrong'],
  ['agents'],
);
dialplan(
  '[WR4] agents may dial out',
  ['Echo()', 'Dial(PJSIP/${EXTEN}@trunk)'],
  ['endpoint.context', 'warn'],
  ['agents'],
);
dialplan('[WR4] no context for agents', ['[agents]', '[others]'], ['endpoint.context', 'wrong'], ['agents']);

const manager = inFile('manager.conf');
const WATCH = 'write = agent,system,reporting';
manager('[OP7] watch may originate', [WATCH, `${WATCH},originate`], ['ami.watch.rights', 'wrong'], ['watch']);
manager(
  '[OP7] watch may not pause',
  [WATCH, 'write = system,reporting'],
  ['ami.watch.rights', 'wrong'],
  ['watch'],
);
manager(
  '[OP7] act with system',
  ['write = call,originate', 'write = call,originate,system'],
  ['ami.act.rights', 'wrong'],
  ['act'],
);
manager(
  '[OP7] act with all',
  ['write = call,originate', 'write = all'],
  ['ami.act.rights', 'wrong'],
  ['act'],
);
manager('[OP7] no user act', ['[act]', '[other]'], ['ami.act.rights', 'warn'], ['act']);
manager(
  '[OP7] watch hears no FullyBooted',
  ['read = system,agent,call', 'read = agent,call'],
  ['ami.watch.read', 'wrong'],
);
manager('[OP7] a filter without Hold', ['|Hold|', '|'], ['ami.watch.filter', 'wrong'], ['watch']);
manager(
  '[OP7] DTMF comes through',
  ['read = system,agent,call', 'read = all\neventfilter = ^Event: DTMF'],
  ['ami.watch.filter', 'wrong'],
  ['watch'],
);
manager(
  '[OP7] a filter not pinned',
  ['^Event: QueueCaller', 'Event: QueueCaller'],
  ['ami.watch.filter', 'warn'],
  ['watch'],
);
manager('[RG3] no timestamps', ['timestampevents = yes', ''], ['ami.timestamps', 'wrong']);
manager('[OP7] bound everywhere', ['bindaddr = 127.0.0.1', 'bindaddr = 0.0.0.0'], ['ami.bind', 'warn']);
manager(
  '[OP7] bound everywhere, for everybody',
  ['[watch](account)', '[general](+)\nbindaddr = 0.0.0.0\n\n[watch](account)\npermit = 10.0.0.0/8'],
  ['ami.bind', 'wrong'],
);

const other = (file: Edit['file'], ...rest: Parameters<ReturnType<typeof inFile>>): void =>
  inFile(file)(...rest);
other(
  'asterisk.conf',
  '[OP7] live_dangerously',
  ['gerously = no', 'gerously = yes'],
  ['asterisk.live-dangerously', 'wrong'],
);
other('asterisk.conf', '[OP4] no systemname', ['systemname = pbx-1', ''], ['asterisk.systemname', 'warn']);
other('http.conf', '[AP10] sessionlimit of 100', ['sessionlimit = 2000', ''], ['http.sessionlimit', 'warn']);
other(
  'http.conf',
  '[AP10] sessionlimit of 10',
  ['limit = 2000', 'limit = 10'],
  ['http.sessionlimit', 'wrong'],
);
other('http.conf', '[AP10] plain HTTP everywhere', ['127.0.0.1', '0.0.0.0'], ['http.bind', 'warn']);
other('rtp.conf', '[AP6] no ICE', ['icesupport = yes', 'icesupport = no'], ['rtp.ice', 'wrong']);
other(
  'extconfig.conf',
  '[RG6] contacts by sqlite3',
  ['ps_contacts => odbc', 'ps_contacts => sqlite3'],
  ['tables.engine', 'wrong'],
);
other(
  'extconfig.conf',
  '[RG10] no mapping',
  ['ps_auths => odbc,agentdb,ps_auths', ''],
  ['tables.realtime', 'wrong'],
  ['ps_auths'],
);
other(
  'extconfig.conf',
  '[WB5] no queue_log',
  ['queue_log => odbc,agentdb,queue_log', ''],
  ['tables.queue-log', 'warn'],
);
other(
  'sorcery.conf',
  '[RG10] auths not in tables',
  ['auth = realtime,ps_auths', ''],
  ['tables.realtime', 'wrong'],
);
other(
  'logger.conf',
  '[WB5] queue_log in local time',
  ['use_gmt = yes', 'use_gmt = no'],
  ['tables.queue-log', 'wrong'],
);
other(
  'pjsip.conf',
  '[RG8] default expiry check',
  ['check_interval = 5', 'check_interval = 30'],
  ['contacts.expiry', 'warn'],
);
other(
  'pjsip.conf',
  '[SE1] an endpoint of its own without a secret',
  ['[transport-udp]', '[1003]\ntype=endpoint\nwebrtc=yes\ncontext=agents\n[transport-udp]'],
  ['endpoint.auth', 'wrong'],
  ['1003'],
);

describe('the doctor reads files', () => {
  it.each(rows)('$title', async ({ edit, id, state, about }) => {
    const findings = judge(factsOf(await confWith([edit])));
    expect(faultsOf(findings)).toEqual([{ id, state, about }]);
  });
});
