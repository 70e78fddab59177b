// SE4, SE8: tells the centre that this session is over, now or by a receipt that is told later.
import type { Clock } from '../../domain/clock.ts';
import { asAppError, type AppError } from './app-error.ts';
import type { SealedReceipt } from './receipt-store.ts';
import type { Receipts } from './receipts.ts';

/** The session is over, as opposed to "could not be asked". */
export const isOver = ({ code }: AppError): boolean => code === 'unauthorised' || code === 'session-ended';

export interface SignOutPorts {
  readonly clock: Clock;
  readonly receipts: Pick<Receipts, 'seal' | 'flush' | 'has' | 'drop'>;
  /** Rejects with `AppError`. */
  readonly signOut: (token: string) => Promise<void>;
  /** A token by the cookie; null: it is of another session, which goes on. */
  readonly renew: () => Promise<string | null>;
}

export interface SignOutFacts {
  /** Null: this desk never had one, it was opened with nobody to ask. */
  readonly token: string | null;
  /** Its `receipt` is empty where none is known. */
  readonly sealed: SealedReceipt;
}

export interface SignedOut {
  /** `sealed`: the centre will be told · `unconfirmed`: it can only notice by itself. */
  readonly notice: 'sealed' | 'unconfirmed' | null;
  /** Whether nothing of the agent's has to stay on this device. */
  readonly forget: boolean;
}

/** Nobody is kept waiting longer; an answer that comes later changes nothing. */
const TELL_WITHIN_MS = 4_000;

/** A token that is missing or ran out meanwhile is renewed once: signing out must not fail for being late. */
async function tell({ signOut, renew }: SignOutPorts, token: string | null): Promise<boolean> {
  try {
    if (token !== null) {
      await signOut(token);
      return true;
    }
  } catch (error) {
    if (!isOver(asAppError(error))) return false;
  }
  try {
    const renewed = await renew();
    if (renewed === null) return false;
    await signOut(renewed);
    return true;
  } catch (error) {
    return isOver(asAppError(error));
  }
}

function within({ clock }: SignOutPorts, work: Promise<boolean>): Promise<boolean> {
  return new Promise((resolve) => {
    const cancel = clock.after(TELL_WITHIN_MS, () => resolve(false));
    void work.then((told) => {
      cancel();
      resolve(told);
    });
  });
}

/** Never rejects. Sealed before it is told: a page that is closed in the middle has signed out all the same. */
export async function tellSignOut(ports: SignOutPorts, { token, sealed }: SignOutFacts): Promise<SignedOut> {
  const { receipts } = ports;
  const waits = sealed.changes.length > 0;
  const isSealable = sealed.receipt !== '';
  const durable = isSealable && (await receipts.seal(sealed));
  // Changes that the socket could not take travel with the receipt, which ends the session as well.
  if (!waits && (await within(ports, tell(ports, token)))) {
    await receipts.drop(sealed.session);
    return { notice: null, forget: true };
  }
  const posted = receipts.flush();
  if (waits)
    await within(
      ports,
      posted.then(() => true),
    );
  if (isSealable && !receipts.has(sealed.session)) return { notice: null, forget: true };
  return { notice: durable ? 'sealed' : 'unconfirmed', forget: durable || !waits };
}
