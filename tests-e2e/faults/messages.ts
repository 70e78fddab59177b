// The frames as a desk needs them, written from docs/protocol.md.

export interface Change {
  readonly sequence: number;
  readonly status: string;
  readonly reason: string | null;
  readonly made: number;
  readonly offset: number;
  readonly seen: string | null;
}

export interface QueueView {
  readonly queue: string;
  readonly agreed: boolean;
  readonly contestedSince?: number | null;
  /** The reason of a hold (PS8). */
  readonly hold?: { readonly reason: string } | null;
}

export interface AgentView {
  readonly extension: string;
  readonly status: string;
  readonly reason: string | null;
  readonly mark?: string | null;
  readonly detail?: {
    readonly probe?: string;
    readonly intent: {
      readonly status: string;
      readonly reason: string | null;
      readonly entry: string | null;
    };
    readonly lastReceived: string | null;
    readonly question: { readonly entry: string } | null;
    readonly queues: readonly QueueView[];
  };
}

/** Whatever came; fields as the type of the frame has them. */
export interface Frame {
  readonly n: number;
  readonly type: string;
  readonly id?: string;
  readonly epoch?: string;
  readonly rev?: number;
  readonly scope?: string;
  readonly serverTime?: number;
  readonly nonce?: string;
  readonly code?: string;
  readonly detail?: string;
  readonly sequence?: number;
  readonly self?: { readonly extension: string; readonly device: string; readonly lastSequence: number };
  readonly agents?: readonly AgentView[];
}

/** A change some device of ours made, and what became of it. */
export interface Deed {
  /** The device's name in the log; known once it was welcomed. */
  readonly device: () => string;
  readonly actor: string;
  readonly agent: string;
  readonly change: Change;
  outcome: 'unknown' | 'stored' | 'refused';
}
