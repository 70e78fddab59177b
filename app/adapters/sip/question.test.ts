import { describe, expect, it } from 'vitest';
import { asksSession, hearQuestions } from './question.ts';

const request = (line: string): string => `${line}\r\nVia: SIP/2.0/WS 127.0.0.1:8088\r\n\r\n`;

describe('Asterisk’s question', () => {
  it.each([
    ['OPTIONS sip:s-1f@abc.invalid;transport=ws SIP/2.0', true],
    ['OPTIONS sip:s-1f@127.0.0.1:44112;transport=WS;x-ast-orig-host=abc.invalid:0 SIP/2.0', true],
    ['OPTIONS sips:s-1f@127.0.0.1:44112 SIP/2.0', true],
    ['OPTIONS sip:s-1f2@abc.invalid SIP/2.0', false],
    ['OPTIONS sip:1001@abc.invalid SIP/2.0', false],
    ['OPTIONS sip:abc.invalid SIP/2.0', false],
    ['INVITE sip:s-1f@abc.invalid SIP/2.0', false],
    ['SIP/2.0 200 OK', false],
    ['', false],
  ])('[RG12] %s: to this session %j', (line, asks) => {
    expect(asksSession(request(line), 's-1f')).toBe(asks);
  });

  it('[RG12] SIP.js gets every message first, and only questions are told', () => {
    const heard: string[] = [];
    const transport = { onMessage: (message: string) => void heard.push(message.slice(0, 7)) };
    hearQuestions({ transport } as never, 's-1f', () => heard.push('asked'));
    transport.onMessage(request('OPTIONS sip:s-1f@abc.invalid SIP/2.0'));
    transport.onMessage(request('SIP/2.0 200 OK'));
    expect(heard).toEqual(['OPTIONS', 'asked', 'SIP/2.0']);
  });
});
