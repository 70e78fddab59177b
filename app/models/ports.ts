// What the models need from the world. Each port has one real adapter (`adapters/`) and a fake in the tests.
import type { Clock } from '../../domain/clock.ts';
import type { CentreConfig, Receipt, SessionGrant, SipAccount } from '../../domain/protocol/http.ts';
import type { ClientMessage } from '../../domain/protocol/client.ts';
import type { ServerMessage } from '../../domain/protocol/server.ts';
import type { AppError } from './app-error.ts';
import type { Language } from '../i18n/translate.ts';

export interface DeviceClock extends Clock {
  /** ms since some moment; unlike the wall clock nobody can set it. */
  elapsed(): number;
}

/** The bridge's HTTP side. All methods throw `AppError`. */
export interface AuthPort {
  signIn(extension: string, password: string): Promise<SessionGrant>;
  /** By the cookie alone; one tab at a time. `unauthorised` or `session-ended`: a password is needed. */
  refresh(): Promise<SessionGrant>;
  signOut(token: string, everywhere: boolean): Promise<void>;
  /** SE2, RG7: `not-registered` while Asterisk does not hold that contact. */
  agentOnline(token: string, extension: string, contactUri: string): Promise<void>;
  /** SE8: needs no token; the receipt is one. */
  sendReceipt(receipt: Receipt): Promise<void>;
  config(token: string): Promise<CentreConfig>;
}

export interface BridgeListener {
  handleOpen(): void;
  handleFrame(n: number, body: ServerMessage): void;
  /** A frame the decoder refused; it changed nothing. */
  handleBadFrame(problem: string): void;
  /** At most once, and never after `drop()`. */
  handleClose(code: number): void;
}

export interface BridgeSocket {
  send(message: ClientMessage): void;
  /** Closes and falls silent at once, without waiting for the other side. */
  drop(): void;
}

export interface BridgePort {
  open(listener: BridgeListener): BridgeSocket;
}

export interface CallParty {
  readonly name: string | null;
  readonly number: string | null;
}

/** One call as the phone carries it. */
export interface PhoneCall {
  readonly party: CallParty;
  /** From the dialplan's X-Queue and X-Linkedid headers. */
  readonly queue: string | null;
  readonly linkedId: string | null;
  /** How long the caller had waited when it began to ring here (X-Waited), ms. */
  readonly waitedMs: number | null;
  /** Throws `AppError`: `microphone`, `media`, `call-gone`. */
  answer(): Promise<void>;
  reject(): Promise<void>;
  end(): Promise<void>;
  setMuted(muted: boolean): void;
}

export interface PhoneListener {
  /** The transport is gone; whatever SIP believed is void. */
  handleDown(error: AppError): void;
  /** A registration was lost or refused although the transport stands. */
  handleUnregistered(): void;
  handleRinging(call: PhoneCall): void;
  handleAnswered(call: PhoneCall): void;
  handleEnded(call: PhoneCall): void;
  /** RG12: Asterisk asked this very session whether it is there. */
  handleAsked(): void;
}

/** One SIP user agent. Rejections are `AppError`. */
export interface PhoneLine {
  /** As this device names itself to Asterisk, which may know it by another host. */
  readonly contactUri: string;
  /** Resolves when the transport stands. */
  connect(): Promise<void>;
  /** One REGISTER; resolves when Asterisk said 200. A new one may be sent while an old one hangs. */
  register(): Promise<void>;
  /** Takes the transport down; live calls stay. */
  disconnect(): Promise<void>;
  /** Ends calls, unregisters and closes, each tried whatever the others did. */
  stop(): Promise<void>;
}

export interface PhonePort {
  open(account: SipAccount, iceServers: CentreConfig['iceServers'], listener: PhoneListener): PhoneLine;
}

/** The other tabs of this browser. */
export interface TabsPort {
  tellSignedOut(session: string): void;
  onSignedOut(listener: (session: string) => void): void;
}

/** Which page the browser's address names. */
export interface AddressPort {
  /** Empty: none. */
  read(): string;
  /** A new entry in the browser's history. */
  write(name: string): void;
  /** Calls when the person went back or forth, or typed another. */
  watch(changed: () => void): void;
}

export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

/** The device's own settings; nothing secret. */
export interface StoredSettings {
  readonly language?: Language;
  readonly theme?: Theme;
}

/** Who used this browser last, and what the centre told of itself: enough to open the desk while nobody can be asked. */
export interface Profile {
  readonly self: SessionGrant['self'];
  readonly config: CentreConfig;
  readonly session: string;
  /** SE8: what a sign-out while cut off is told with; good for nothing else. */
  readonly receipt: string;
}

/** Never rejects: without storage nobody is known. */
export interface ProfilePort {
  load(): Promise<Profile | null>;
  save(profile: Profile): void;
  /** SE8: of that session alone: another tab may have saved another one. Null: whosever it is. */
  forget(session: string | null): void;
}

export interface SettingsPort {
  /** Never rejects: without storage there are no stored settings. */
  load(): Promise<StoredSettings>;
  save(settings: StoredSettings): void;
}
