import { describe, expect, it } from 'vitest';
import { confOfMessage, lastValue, parseConf } from './conf-file.ts';
import { leadsTo, stepsOf } from './dialplan.ts';
import { hasPausedField, versionOf, writesQualify2xxOnly } from './version.ts';

describe('configuration files', () => {
  it.each([
    [
      'values with both signs, keys in any case',
      '[a]\nOne = 1\ntwo=>2',
      [
        ['one', '1'],
        ['two', '2'],
      ],
    ],
    [
      'comments at the end, and a semicolon that is none',
      '[a]\nx = 1 ; no\ny = 1\\;2',
      [
        ['x', '1'],
        ['y', '1;2'],
      ],
    ],
    [
      'comments over lines',
      '[a]\nx = 1\n;-- y = 2\nz = 3 --;\nw = 4',
      [
        ['x', '1'],
        ['w', '4'],
      ],
    ],
    [
      'a template',
      '[t](!)\nx = 1\n[a](t)\ny = 2',
      [
        ['x', '1'],
        ['y', '2'],
      ],
    ],
    [
      'two templates',
      '[t](!)\nx = 1\n[u](!)\nz = 3\n[a](t,u)',
      [
        ['x', '1'],
        ['z', '3'],
      ],
    ],
    [
      'more of a section',
      '[a]\nx = 1\n[b]\ny = 2\n[a](+)\nz = 3',
      [
        ['x', '1'],
        ['z', '3'],
      ],
    ],
    ['secrets, which are left out', '[a]\nsecret = 1\npassword=>2\nmd5_cred=3\nuser = me', [['user', 'me']]],
    ['lines that are none', '[a]\nnonsense\n= 1\n\nx = 1', [['x', '1']]],
    ['lines before any section', 'y = 2\n[a]\nx = 1', [['x', '1']]],
    ['included files', '[a]\n#include "more*.conf"\n#tryinclude none.conf', [['x', 'of more*.conf']]],
    [
      'expressions with signs of their own',
      '[a]\neventfilter = ^Event: (A|B)[[:space:]]',
      [['eventfilter', '^Event: (A|B)[[:space:]]']],
    ],
  ])('hold %s', (_what, text, settings) => {
    const include = (pattern: string): readonly string[] =>
      pattern === 'none.conf' ? [] : [`x = of ${pattern}`];
    expect(parseConf(text, include).find(({ name }) => name === 'a')?.settings).toEqual(settings);
  });

  it('a file that includes itself ends', () => {
    const text = '[a]\nx = 1\n#include self.conf';
    expect(
      lastValue(
        parseConf(text, () => [text]),
        'a',
        'x',
      ),
    ).toBe('1');
  });

  it('GetConfig names the same', () => {
    const message = {
      response: 'Success',
      'category-000000': 'general',
      'line-000000-000000': 'persistentmembers=yes',
      'category-000001': 'support',
      'templates-000001': 'desk-queue',
      'line-000001-000001': 'member=Local/1001@agents-all,0,1001,PJSIP/1001,no,0,yes',
      'line-000001-000000': 'retry=1',
      'line-000001-000002': 'secret=x',
    };
    expect(confOfMessage(message)).toEqual([
      { name: 'general', settings: [['persistentmembers', 'yes']] },
      {
        name: 'support',
        settings: [
          ['retry', '1'],
          ['member', 'Local/1001@agents-all,0,1001,PJSIP/1001,no,0,yes'],
        ],
      },
    ]);
  });
});

describe('the dialplan', () => {
  it('[WR4] is read step by step, with what each leads to', () => {
    const file = parseConf(
      [
        '[agents]',
        'include => more',
        'exten => _1XXX,1,Goto(agents-all,${EXTEN},1)',
        ' same => n(end),Dial(Local/1@spare/n&PJSIP/x,,b(headers^s^1)U(after^x))',
        'exten => 2,hint,PJSIP/2',
        'exten => 3,1,Goto(end)',
        'exten => 4,1,Gosub(${WHERE},s,1(a,b))',
      ].join('\n'),
    );
    expect(stepsOf(file, 'agents')?.map((step) => [step.application, leadsTo(step)])).toEqual([
      ['include', ['more']],
      ['Goto', ['agents-all']],
      ['Dial', ['headers', 'after', 'spare']],
      ['', []],
      ['Goto', []],
      ['Gosub', []],
    ]);
    expect(stepsOf(file, 'nowhere')).toBeNull();
  });
});

describe('versions', () => {
  it.each([
    ['22.10.1+dfsg+~cs6.17.60671434-1', { major: 22, minor: 10 }],
    ['certified/20.7-cert2', { major: 20, minor: 7 }],
    ['18.26.4', { major: 18, minor: 26 }],
    ['GIT-master-8d2135e', null],
    ['', null],
  ])('%j is %j', (text, version) => {
    expect(versionOf(text)).toEqual(version);
  });

  it.each([
    ['18.26.0', false, false],
    ['20.9.0', false, false],
    ['20.12.0', null, true],
    ['20.15.0', true, true],
    ['22.0.0', false, false],
    ['22.2.0', null, true],
    ['22.10.0', true, true],
    ['23.0.0', true, true],
  ])('[PS9] [RG6] %s has the field paused: %s, the column qualify_2xx_only: %s', (text, field, column) => {
    const version = versionOf(text)!;
    expect([hasPausedField(version), writesQualify2xxOnly(version)]).toEqual([field, column]);
  });
});
