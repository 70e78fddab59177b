// PhonePort over SIP.js' UserAgent and Registerer. Reconnecting and registering again are the model's: SIP.js does neither.
import { Registerer, RegistererState, RequestPendingError, UserAgentState, type UserAgent } from 'sip.js';
import type { SipAccount } from '../../../domain/protocol/http.ts';
import { asAppError } from '../../models/app-error.ts';
import type { PhoneLine, PhoneListener, PhonePort } from '../../models/ports.ts';
import { followCall } from './call.ts';
import { registerRefusal, transportError } from './errors.ts';
import { hearQuestions } from './question.ts';
import { createUserAgent } from './user-agent.ts';

const EXPIRES_S = 3_600;
/** Per cent of EXPIRES_S; SIP.js' default of 99 leaves no second try. */
const REFRESH_AT = 50;

/** Resolves with the promise or after `limitMs`, whichever is first; failures are not ours to tell any more. */
type Within = (work: Promise<unknown>, limitMs: number) => Promise<void>;

const STOP_STEP_WITHIN_MS = 1_500;

class SipLine implements PhoneLine {
  readonly #account: SipAccount;
  readonly #listener: PhoneListener;
  readonly #agent: UserAgent;
  readonly #within: Within;
  #registerer: Registerer | null = null;

  constructor(account: SipAccount, listener: PhoneListener, agent: UserAgent, within: Within) {
    this.#account = account;
    this.#listener = listener;
    this.#agent = agent;
    this.#within = within;
  }

  get contactUri(): string {
    return this.#agent.contact.uri.toString();
  }

  async connect(): Promise<void> {
    try {
      if (this.#agent.state === UserAgentState.Stopped) await this.#agent.start();
      else await this.#agent.reconnect();
    } catch (error) {
      throw transportError(error);
    }
  }

  /** A REGISTER that hangs blocks its Registerer for 32 s (timer F): a new one takes over, the old one ends by itself. */
  async register(): Promise<void> {
    this.#registerer ??= this.#createRegisterer();
    try {
      await this.#sendRegister(this.#registerer);
    } catch (error) {
      if (!(error instanceof RequestPendingError)) throw asAppError(error);
      this.#registerer = this.#createRegisterer();
      await this.#sendRegister(this.#registerer);
    }
  }

  async disconnect(): Promise<void> {
    await this.#agent.transport.disconnect().catch(() => undefined);
  }

  async stop(): Promise<void> {
    const registerer = this.#registerer;
    this.#registerer = null;
    if (registerer?.state === RegistererState.Registered && this.#agent.isConnected()) {
      const done = new Promise<void>((resolve) => {
        const gone = (): void => resolve();
        registerer.unregister({ requestDelegate: { onAccept: gone, onReject: gone } }).catch(gone);
      });
      await this.#within(done, STOP_STEP_WITHIN_MS);
    }
    await this.#within(this.#agent.stop(), STOP_STEP_WITHIN_MS);
    await this.#within(this.#agent.transport.disconnect(), STOP_STEP_WITHIN_MS);
  }

  /** Unsettled for ever when SIP.js drops the answer (a 200 without our contact): the caller has a deadline. */
  #sendRegister(registerer: Registerer): Promise<void> {
    return new Promise((resolve, reject) => {
      registerer
        .register({
          requestDelegate: {
            onAccept: () => resolve(),
            onReject: ({ message }) => reject(registerRefusal(message, this.#account.realm)),
          },
        })
        .catch((error: unknown) =>
          reject(error instanceof RequestPendingError ? error : transportError(error)),
        );
    });
  }

  #createRegisterer(): Registerer {
    const registerer = new Registerer(this.#agent, {
      expires: EXPIRES_S,
      refreshFrequency: REFRESH_AT,
      logConfiguration: false,
    });
    registerer.stateChange.addListener((state) => {
      if (state === RegistererState.Unregistered && registerer === this.#registerer) {
        this.#listener.handleUnregistered();
      }
    });
    return registerer;
  }
}

/** `audio` plays the calls; `base` is what a relative SIP address (AP10) is relative to. */
export function createSipPhone(audio: HTMLAudioElement, base: string, within: Within): PhonePort {
  return {
    open(account, iceServers, listener) {
      const agent = createUserAgent(account, iceServers, base, {
        onDisconnect: (error) => {
          // Without an error it was us.
          if (error) listener.handleDown(transportError(error));
        },
        onInvite: (invitation) => listener.handleRinging(followCall(invitation, audio, listener)),
      });
      hearQuestions(agent, account.contactName, () => listener.handleAsked());
      return new SipLine(account, listener, agent, within);
    },
  };
}

/** Builds `Within` on a clock: `after` runs a callback once after a delay in ms. */
export const createWithin =
  (after: (delayMs: number, callback: () => void) => () => void): Within =>
  (work, limitMs) =>
    new Promise((resolve) => {
      const cancel = after(limitMs, resolve);
      work
        .catch((error: unknown) => void asAppError(error))
        .finally(() => {
          cancel();
          resolve();
        });
    });
