// What the bridge needs of a PBX. The adapter speaks AMI; the rooms speak facts.
import type { ContactReport, MemberReport } from '../../domain/roster/reduce.ts';
import type { PauseCommand } from '../../domain/status/plan.ts';

export type PbxState = 'down' | 'connecting' | 'ready';

/** A queue member with the name by which its agent is found (PS3). */
export interface PbxMember extends MemberReport {
  /** `PJSIP/1001`. */
  readonly stateInterface: string;
}

export interface PbxContact extends ContactReport {
  readonly extension: string;
}

/** An answered channel of an endpoint (RG11). */
export interface PbxChannel {
  readonly extension: string;
  readonly uniqueId: string;
  /** ms it has been up. */
  readonly upForMs: number;
}

/** What Asterisk says by itself, in order of arrival. */
export type PbxFact =
  /** `paused`: a pause or unpause was asked for, by us or anybody · `added`: it is a member from now on. */
  | { readonly type: 'member'; readonly told: 'paused' | 'added'; readonly member: PbxMember }
  /** Only whether it is paused; of realtime members often all that is told. */
  | {
      readonly type: 'member.state';
      readonly queue: string;
      readonly interface: string;
      readonly paused: boolean;
    }
  | {
      readonly type: 'member.removed';
      readonly queue: string;
      readonly interface: string;
      readonly stateInterface: string;
    }
  | { readonly type: 'contact'; readonly contact: PbxContact }
  | { readonly type: 'channel.up'; readonly extension: string; readonly uniqueId: string }
  | { readonly type: 'channel.ended'; readonly extension: string; readonly uniqueId: string }
  /** Queues were loaded anew: ask again. */
  | { readonly type: 'reloaded' };

/** How long a contact took to answer Asterisk's last OPTIONS. */
export interface PbxRoundTrip {
  readonly extension: string;
  readonly uri: string;
  /** As fine as Asterisk measures: two measurements are hardly ever alike. */
  readonly microseconds: number;
}

/** Everything at one moment; no event of the same kind came between asking and answering. */
export interface PbxSnapshot {
  readonly members: readonly PbxMember[];
  /** RG3: null when Asterisk listed none or did not answer: that is no opinion of anybody. */
  readonly contacts: readonly PbxContact[] | null;
  readonly channels: readonly PbxChannel[];
}

/** Whether Asterisk answered and said no, as opposed to saying nothing. */
export const wasRefused = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'refused';

/** Rejections carry `code` (`refused`: Asterisk said no) and `retryable`. */
export interface Pbx {
  readonly state: PbxState;
  /** ms; since when the state holds. */
  readonly since: number;
  onState(listener: (state: PbxState) => void): () => void;
  onFact(listener: (fact: PbxFact) => void): () => void;
  snapshot(): Promise<PbxSnapshot>;
  /** One queue's members; makes Asterisk read the realtime ones first. */
  queueMembers(queue: string): Promise<readonly PbxMember[]>;
  /** Resolves when Asterisk took the command; what became of it comes as a fact. */
  pause(command: PauseCommand): Promise<void>;
  /** Makes Asterisk know endpoints whose rows came after it started: before that they register but never ring. */
  reloadEndpoints(): Promise<void>;
  /** RG8: makes Asterisk drop the extension's expired contacts at once. */
  pruneContacts(extension: string): Promise<void>;
  /**
   * RG12: sends an OPTIONS to every contact of the extension now. Resolves when Asterisk took it; a contact whose state
   * it changes is told as a fact, one that answers as before is not.
   */
  qualify(extension: string): Promise<void>;
  /** RG12: of every contact that ever answered, as last measured. Sent before a `qualify`, it is answered before it. */
  roundTrips(): Promise<readonly PbxRoundTrip[]>;
  /** SE4: ends exactly these channels. Ids that Asterisk does not carry (any more) are ignored. */
  hangUp(uniqueIds: readonly string[]): Promise<void>;
}
