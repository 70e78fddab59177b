import { describe, expect, it } from 'vitest';
import { assertPlace, ConfigError, isLoopback, readConfig } from './config.ts';

const RIGHT = {
  DATABASE_FILE: '/var/lib/desk/bridge.sqlite',
  PBX_DATABASE_FILE: '/var/lib/desk/asterisk.sqlite',
  AMI_WATCH_SECRET: 'ami-secret-value',
  SIP_URL: 'wss://calls.example/sip',
  BRIDGE_SECRET: 'bridge-secret-value-of-forty-characters-',
};

function problemsOf(environment: Readonly<Record<string, string | undefined>>): readonly string[] {
  try {
    readConfig(environment);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

describe('configuration', () => {
  it('[OP3] what is not given has a default', () => {
    expect(readConfig(RIGHT)).toEqual({
      ...RIGHT,
      ...{ HTTP_HOST: '127.0.0.1', HTTP_PORT: 8080, APP_DIR: 'app/dist' },
      ...{ AMI_HOST: '127.0.0.1', AMI_PORT: 5038, AMI_WATCH_USER: 'watch' },
      ...{ SIP_REALM: 'asterisk', SIP_DOMAIN: 'localhost', STATE_INTERFACE: 'PJSIP/<ext>' },
      GRACE_MS: 8_000,
      DESK_CLOSED_MIN: 15,
      ...{ ORPHAN_ONLINE_MIN: 15, ORPHAN_MIN: 90, MAX_SESSION_H: 14 },
      ...{ CENTRE_NAME: 'Call centre', CENTRE_TZ: 'UTC', LOG_LEVEL: 'info', DEMO: false, NODE_ENV: '' },
    });
  });

  it('[OP2] each missing variable is named, all at once; empty is missing', () => {
    expect(problemsOf({ SIP_URL: '' })).toEqual(Object.keys(RIGHT).map((name) => `${name} is missing`));
    expect(problemsOf({ ...RIGHT, DATABASE_FILE: '  ' })).toEqual(['DATABASE_FILE is missing']);
  });

  it.each([
    ['HTTP_PORT', 'http', 'HTTP_PORT must be a port number'],
    ['HTTP_PORT', '65536', 'HTTP_PORT must be a port number'],
    ['HTTP_PORT', '-1', 'HTTP_PORT must be a port number'],
    ['AMI_PORT', '5038x', 'AMI_PORT must be a port number'],
    ['PUBLIC_URL', 'https://', 'PUBLIC_URL must be a URL'],
    ['PUBLIC_URL', 'mailto:desk@calls.example', 'PUBLIC_URL must begin with http:// or https://'],
    ['SIP_URL', 'https://calls.example', 'SIP_URL must begin with ws:// or wss://'],
    ['SIP_URL', 'wss://', 'SIP_URL must be a URL'],
    ['SIP_URL', 'ws://:8088/ws', 'SIP_URL must be a URL'],
    ['ARI_URL', 'localhost:8088/ari', 'ARI_URL must begin with http:// or https://'],
    ['ARI_URL', 'ws://127.0.0.1/ari', 'ARI_URL must begin with http:// or https://'],
    ['ARI_URL', 'https://', 'ARI_URL must be a URL'],
    ['STATE_INTERFACE', 'PJSIP/1001', 'STATE_INTERFACE must hold <ext>'],
    ['BRIDGE_SECRET', 'short', 'BRIDGE_SECRET must have at least 32 characters'],
    ['CENTRE_TZ', 'Mars/Olympus', 'CENTRE_TZ must be a time zone such as Europe/Berlin'],
    ['LOG_LEVEL', 'loud', 'LOG_LEVEL must be a log level'],
    ['DEMO', 'yes', 'DEMO must be 0 or 1'],
  ])('[OP2] %s=%s: %s', (name, value, problem) => {
    expect(problemsOf({ ...RIGHT, [name]: value })).toEqual([problem]);
  });

  it('[OP2] [OP1] no value is ever in the message', () => {
    const environment = {
      ...RIGHT,
      HTTP_PORT: 'not-a-port',
      BRIDGE_SECRET: 'too short',
      SIP_URL: 'sip:secret@x',
    };
    const error = new ConfigError(problemsOf(environment));
    expect(error.problems.length).toBe(3);
    for (const value of [...Object.values(environment)]) expect(error.message).not.toContain(value);
    expect(error.message).toMatch(/^bad configuration: /);
  });

  it.each([
    [{ SIP_URL: 'ws://calls.example/ws' }, ['SIP_URL must be wss:// beyond loopback']],
    [{ SIP_URL: 'ws://127.evil.example/ws' }, ['SIP_URL must be wss:// beyond loopback']],
    [{ SIP_URL: 'ws://127.0.0.1:8088/ws' }, []],
    [{ SIP_URL: 'ws://localhost:8088/ws' }, []],
    [{ SIP_URL: 'ws://[::1]:8088/ws' }, []],
    [{ SIP_URL: 'wss://calls.example/sip' }, []],
  ])('[AP10] %j: %j', (given, problems) => {
    expect(problemsOf({ ...RIGHT, ...given })).toEqual(problems);
  });

  it.each([
    [{}, []],
    [{ ARI_USER: 'desk' }, []],
    [{ ARI_URL: 'http://127.0.0.1:8088/ari' }, ['ARI_USER is missing', 'ARI_PASSWORD is missing']],
    [{ ARI_URL: 'http://127.0.0.1:8088/ari', ARI_USER: 'desk' }, ['ARI_PASSWORD is missing']],
    [{ ARI_URL: 'http://[::1]:8088/ari', ARI_USER: 'desk', ARI_PASSWORD: 'p' }, []],
    [{ ARI_URL: 'https://pbx.example/ari/', ARI_USER: 'desk', ARI_PASSWORD: 'p' }, []],
    [
      { ARI_URL: 'http://pbx.example/ari', ARI_USER: 'desk', ARI_PASSWORD: 'p' },
      ['ARI_URL must be https:// beyond loopback'],
    ],
    [
      { ARI_URL: 'https://desk:p@pbx.example/ari', ARI_USER: 'desk', ARI_PASSWORD: 'p' },
      ['ARI_URL must hold no user and no password'],
    ],
    [
      { ARI_URL: 'https://pbx.example/ari?api_key=desk:p', ARI_USER: 'desk', ARI_PASSWORD: 'p' },
      ['ARI_URL must end with its path'],
    ],
  ])('[OP7] %j: %j', (given, problems) => {
    expect(problemsOf({ ...RIGHT, ...given })).toEqual(problems);
  });

  const demo = { ...RIGHT, DEMO: '1' };
  it.each([
    [demo, []],
    [{ ...demo, NODE_ENV: 'production' }, ['DEMO is refused with NODE_ENV=production']],
    [{ ...demo, HTTP_HOST: '0.0.0.0' }, ['HTTP_HOST must be a loopback address with DEMO']],
    [{ ...demo, HTTP_HOST: '::' }, ['HTTP_HOST must be a loopback address with DEMO']],
    [{ ...demo, HTTP_HOST: '127.evil.example' }, ['HTTP_HOST must be a loopback address with DEMO']],
    [{ ...demo, PUBLIC_URL: 'https://calls.example' }, ['PUBLIC_URL must be a loopback address with DEMO']],
    [{ ...demo, HTTP_HOST: '::1', PUBLIC_URL: 'http://[::1]:8080' }, []],
    [{ ...RIGHT, NODE_ENV: 'production', HTTP_HOST: '0.0.0.0', PUBLIC_URL: 'https://calls.example' }, []],
  ])('[OP6] %#: %j gives %j', (environment, problems) => {
    expect(problemsOf(environment)).toEqual(problems);
  });

  it.each([
    ['127.0.0.1', true],
    ['127.8.9.1', true],
    ['localhost', true],
    ['::1', true],
    ['[::1]', true],
    ['0.0.0.0', false],
    ['::', false],
    ['10.0.0.1', false],
    ['128.0.0.1', false],
    ['127.0.0.1.evil.example', false],
    ['localhost.evil.example', false],
    ['', false],
  ])('[OP6] %j is loopback: %s', (host, loopback) => {
    expect(isLoopback(host)).toBe(loopback);
  });

  it.each([
    ['0', false, null],
    ['1', true, null],
    ['0', true, 'DATABASE_FILE is a demo centre: it runs with DEMO=1 only'],
    ['1', false, 'DEMO=1 with a DATABASE_FILE that is no demo centre'],
  ])('[OP6] DEMO=%s with a store marked as demo %s: %s', (DEMO, isDemo, problem) => {
    const config = readConfig({ ...RIGHT, DEMO });
    const place = (): void => assertPlace(config, isDemo);
    if (problem === null) expect(place).not.toThrow();
    else expect(place).toThrow(new ConfigError([problem]));
  });
});
