// All that is known of an Asterisk and of the bridge's own settings when the doctor judges. No secret is in it.
// Null always means: could not be found out. It never means no.
import type { ConfFile } from './conf-file.ts';

export const CONF_NAMES = [
  ...['asterisk.conf', 'manager.conf', 'http.conf', 'pjsip.conf', 'sorcery.conf', 'extconfig.conf'],
  ...['queues.conf', 'extensions.conf', 'logger.conf', 'rtp.conf'],
] as const satisfies readonly string[];

/** What the bridge would be started with. */
export interface BridgeFacts {
  /** What readConfig refuses; null when the settings are not from the environment. */
  readonly problems: readonly string[] | null;
  readonly amiHost: string;
  readonly watchUser: string;
  readonly actUser: string;
  readonly sipUrl: string | null;
  readonly sipRealm: string;
  readonly stateInterface: string;
}

/** A member as QueueStatus or a line of queues.conf names it. */
export interface MemberFacts {
  readonly queue: string;
  readonly interface: string;
  readonly name: string;
  /** Empty: none. */
  readonly stateInterface: string;
  /** Seventh field of a static member's line; null for all other members. */
  readonly startsPaused: boolean | null;
}

export interface DialplanStep {
  readonly extension: string;
  readonly application: string;
  readonly data: string;
}

export interface EndpointFacts {
  readonly id: string;
  readonly auths: readonly string[];
  readonly aors: readonly string[];
  readonly context: string;
  readonly webrtc: boolean;
  readonly busyAt: number;
}

export interface AorFacts {
  readonly id: string;
  readonly qualifyFrequencyS: number;
  readonly maxContacts: number;
  readonly removeExisting: boolean;
  readonly removeUnavailable: boolean;
}

/** Asked over AMI as the user `watch`. */
export interface CoreFacts {
  /** Why nobody could log in, in Asterisk's words; null when all is well. */
  readonly loginProblem: string | null;
  readonly version: string | null;
  readonly systemName: string | null;
  /** Asterisk's clock less ours, ms. */
  readonly clockAheadMs: number | null;
  /** Loaded or not, of the modules asked for. */
  readonly modules: Readonly<Record<string, boolean>> | null;
  readonly queues: readonly string[] | null;
  readonly members: readonly MemberFacts[] | null;
  /** By context; null: Asterisk has no such context. */
  readonly contexts: Readonly<Record<string, readonly DialplanStep[] | null>>;
  /** One agent's endpoint as Asterisk has it; `known` false: Asterisk knows no such endpoint. */
  readonly sample: {
    readonly id: string;
    readonly known: boolean;
    readonly endpoint: EndpointFacts | null;
    readonly aor: AorFacts | null;
  } | null;
}

/** Actions (lower case) that Asterisk offers to the two users (ListCommands). */
export interface RightsFacts {
  readonly watch: readonly string[] | null;
  readonly act: readonly string[] | null;
  /** Why `act` could not log in with the secret that was given. */
  readonly actProblem: string | null;
}

export type AriFacts =
  | { readonly kind: 'not-configured' }
  | { readonly kind: 'failed'; readonly words: string }
  | {
      readonly kind: 'answers';
      /** What Asterisk said to a DELETE of something that is not there. */
      readonly write: 'refused' | 'allowed' | 'unknown';
    };

export interface CertificateFacts {
  /** Null: trusted, for this name, in its time. */
  readonly problem: string | null;
  readonly daysLeft: number;
}

export interface SipFacts {
  /** Null: the WebSocket opened and took the subprotocol `sip`. */
  readonly problem: string | null;
  /** Of the challenge; null when none came. */
  readonly realm: string | null;
  /** A REGISTER without any secret was answered 200. */
  readonly openDoor: boolean;
  readonly extension: string;
  readonly certificate: CertificateFacts | null;
}

/** Asterisk's own tables, in the file the bridge was given. */
export type TableFacts =
  | { readonly kind: 'not-configured' }
  | { readonly kind: 'failed'; readonly words: string }
  | {
      readonly kind: 'read';
      readonly columns: Readonly<Record<string, readonly string[]>>;
      readonly endpoints: readonly EndpointFacts[];
      readonly aors: readonly AorFacts[];
      readonly auths: readonly string[];
    };

export interface Facts {
  readonly bridge: BridgeFacts;
  /** By file name. A file that is not there is empty: Asterisk's defaults hold. Null: could not be read. */
  readonly conf: Readonly<Record<string, ConfFile | null>>;
  readonly core: CoreFacts;
  readonly rights: RightsFacts;
  readonly ari: AriFacts;
  readonly sip: SipFacts | null;
  readonly tables: TableFacts;
}
