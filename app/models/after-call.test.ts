import { describe, expect, it } from 'vitest';
import { AfterCall, type Leaving } from './after-call.ts';

function setUp(busy: boolean) {
  const phone = { busy };
  const waiting: (Leaving | null)[] = [];
  const left: Leaving[] = [];
  const afterCall = new AfterCall({
    isBusy: () => phone.busy,
    onWaiting: (leaving) => waiting.push(leaving),
    leave: (leaving) => left.push(leaving),
  });
  return { phone, waiting, left, afterCall };
}

const over = { why: 'over' } as const;
const everywhere = { why: 'sign-out', everywhere: true } as const;

describe('leaving while a call goes on', () => {
  it('[SE4] without a call it is at once', () => {
    const { afterCall, left, waiting } = setUp(false);
    afterCall.when(over);
    afterCall.handleCallEnded();
    expect([left, waiting]).toEqual([[over], [null]]);
  });

  it('[SE1] [SE4] a live call is left to its end, then the desk goes, once', () => {
    const { phone, afterCall, left, waiting } = setUp(true);
    afterCall.when(over);
    expect([left, waiting]).toEqual([[], [over]]);
    phone.busy = false;
    afterCall.handleCallEnded();
    afterCall.handleCallEnded();
    expect([left, waiting]).toEqual([[over], [over, null]]);
  });

  it('[SE4] a call that ends with nothing waiting takes nobody away', () => {
    const { afterCall, left } = setUp(true);
    afterCall.handleCallEnded();
    expect(left).toEqual([]);
  });

  it('[SE4] who stays after all, stays', () => {
    const { phone, afterCall, left, waiting } = setUp(true);
    afterCall.when(everywhere);
    afterCall.cancel();
    phone.busy = false;
    afterCall.handleCallEnded();
    expect([left, waiting]).toEqual([[], [everywhere, null]]);
  });

  it('[SE8] an own sign-out that waits is still one when the bridge ends the session meanwhile', () => {
    const { phone, afterCall, left } = setUp(true);
    afterCall.when(everywhere);
    afterCall.when(over);
    phone.busy = false;
    afterCall.handleCallEnded();
    expect(left).toEqual([everywhere]);
  });

  it('[SE1] nobody stays in a session that the bridge ended', () => {
    const { phone, afterCall, left, waiting } = setUp(true);
    afterCall.when(everywhere);
    afterCall.when(over);
    afterCall.cancel();
    phone.busy = false;
    afterCall.handleCallEnded();
    expect([left, waiting]).toEqual([[over], [everywhere, everywhere, over, null]]);
  });

  it('[SE4] the other way round the person’s word comes last and stands', () => {
    const { phone, afterCall, left } = setUp(true);
    afterCall.when(over);
    afterCall.when(everywhere);
    phone.busy = false;
    afterCall.handleCallEnded();
    expect(left).toEqual([everywhere]);
  });
});
