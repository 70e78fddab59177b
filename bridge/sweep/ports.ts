// RG2: what the sweep asks, each method by itself. What an answer means is domain/registration's business.
import type { RegistrationState } from '../../domain/registration/evidence.ts';
import type { PbxContact } from '../reconcile/ports.ts';

/** One line of `DeviceStateList`. */
export interface DeviceState {
  /** `PJSIP/1001`; also Local and Queue devices. */
  readonly device: string;
  /** `NOT_INUSE`, `INUSE`, `UNAVAILABLE` … (Asterisk, devicestate.c). */
  readonly state: string;
}

/** One `QueueMember` of `QueueStatus`. */
export interface MemberDevice {
  /** `PJSIP/1001`. */
  readonly stateInterface: string;
  /** Device state by number: 1 not in use … 5 unavailable (Asterisk, devicestate.h). */
  readonly status: number;
}

/** One line of `Agents` (app_agent_pool). */
export interface PoolAgent {
  readonly agent: string;
  /** `AGENT_LOGGEDOFF`, `AGENT_IDLE`, `AGENT_ONCALL`. */
  readonly status: string;
  /** The channel logged in from, e.g. `PJSIP/1001-00000001`; empty when logged off. */
  readonly channel: string;
}

/** One element of ARI `GET /endpoints`. */
export interface AriEndpoint {
  /** `PJSIP`. */
  readonly technology: string;
  readonly resource: string;
  /** `online`, `offline`, `unknown`; null when ARI gives none. */
  readonly state: string | null;
}

/** One row of `ps_contacts`. */
export interface ContactRow {
  readonly endpoint: string;
  readonly uri: string;
  /** s since the epoch. */
  readonly expirationTime: number;
  /** RG6: ours: Reachable, Unreachable, Expired; null: not written yet. */
  readonly status: string | null;
}

/**
 * Every method rejects with an error that carries `code` (`refused`: Asterisk answered no, `unsupported`: it does not
 * know the question) and never waits longer than its caller's own deadline: what comes later is dropped.
 */
export interface SweepSources {
  /** AMI `PJSIPShowRegistrationInboundContactStatuses`; no contacts at all is an empty list. */
  contactStatuses(): Promise<readonly PbxContact[]>;
  /** AMI `DeviceStateList`. */
  deviceStates(): Promise<readonly DeviceState[]>;
  /** AMI `QueueStatus`. */
  queueStatus(): Promise<readonly MemberDevice[]>;
  /** AMI `Agents`. */
  agents(): Promise<readonly PoolAgent[]>;
  /** ARI `GET /endpoints`. */
  ariEndpoints(): Promise<readonly AriEndpoint[]>;
  /** Table `ps_contacts`. */
  contactRows(): Promise<readonly ContactRow[]>;
}

/** RG1: what the second transport says of one endpoint as a whole. */
export interface SecondWord {
  readonly extension: string;
  readonly verdict: RegistrationState;
}

/** RG1: the same facts over a connection of its own (ARI), where it is configured. */
export interface SecondSource {
  /** `since` in ms. */
  state(): {
    readonly state: 'ready' | 'connecting' | 'down' | 'not-configured';
    readonly since: number;
  };
  onState(listener: () => void): void;
  onWord(listener: (word: SecondWord) => void): void;
}
