import { describe, expect, it } from 'vitest';
import { LostCall } from './lost-call.ts';
import type { PhoneCall } from './ports.ts';
import { createFakeClock } from './testing.ts';

const [first, second] = [{ linkedId: '1' }, { linkedId: '2' }] as PhoneCall[] as [PhoneCall, PhoneCall];

function setUp() {
  const clock = createFakeClock();
  const phone: { call: PhoneCall | null; ended: number } = { call: null, ended: 0 };
  const lost = new LostCall({ clock, call: () => phone.call, end: () => (phone.ended += 1) });
  const say = (...words: (boolean | null)[]) => words.forEach((word) => lost.handleCarried(word));
  return { clock, phone, say };
}

describe('a call that Asterisk carries no more', () => {
  it('[AP5] is over after 2 s, once, when it was carried before', async () => {
    const { clock, phone, say } = setUp();
    phone.call = first;
    say(false, true, false);
    await clock.advance(1_999);
    say(false);
    expect(phone.ended).toBe(0);
    await clock.advance(1);
    expect(phone.ended).toBe(1);
    await clock.advance(60_000);
    expect(phone.ended).toBe(1);
  });

  it('[AP5] a call the bridge has not heard of goes on', async () => {
    const { clock, phone, say } = setUp();
    phone.call = first;
    for (let second = 0; second < 60; second += 1) {
      say(false);
      await clock.advance(1_000);
    }
    expect(phone.ended).toBe(0);
  });

  it('[AP5] what was said of the call before says nothing of this one', async () => {
    const { clock, phone, say } = setUp();
    phone.call = first;
    say(true);
    phone.call = second;
    say(true, false);
    await clock.advance(60_000);
    expect(phone.ended).toBe(0);
    say(true, false);
    await clock.advance(2_000);
    expect(phone.ended).toBe(1);
  });

  it.each([true, null])('[AP5] %s takes the doubt away', async (word) => {
    const { clock, phone, say } = setUp();
    phone.call = first;
    say(true, false);
    await clock.advance(1_000);
    say(word);
    await clock.advance(60_000);
    expect(phone.ended).toBe(0);
  });

  it('[AP5] it is still known as carried after a time in which nobody could tell', async () => {
    const { clock, phone, say } = setUp();
    phone.call = first;
    say(true, null, false);
    await clock.advance(2_000);
    expect(phone.ended).toBe(1);
  });

  it.each([null, second])(
    '[AP5] a call that ended by itself meanwhile takes no other with it',
    async (next) => {
      const { clock, phone, say } = setUp();
      phone.call = first;
      say(true, false);
      phone.call = next;
      await clock.advance(60_000);
      expect(phone.ended).toBe(0);
    },
  );
});
