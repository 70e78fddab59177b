// RG12: whether Asterisk measured a contact anew. It says nothing of an answer that changes no state (PJSIPQualify,
// measured): what shows it is another figure in its list.
import type { Clock } from '../../domain/clock.ts';
import type { Pbx, PbxRoundTrip } from '../reconcile/ports.ts';

/** ms within which one reading serves all who ask: hundreds may, when the bridge starts. */
const SHARED_MS = 10;

/** URI → microseconds, of one extension. */
export type Measured = ReadonlyMap<string, number>;

export interface RoundTrips {
  /** Rejects when Asterisk is out of reach. */
  of(extension: string): Promise<Measured>;
}

export function createRoundTrips(deps: {
  readonly pbx: Pick<Pbx, 'roundTrips'>;
  readonly clock: Clock;
}): RoundTrips {
  const { pbx, clock } = deps;
  let last: { readonly at: number; readonly trips: Promise<readonly PbxRoundTrip[]> } | null = null;
  return {
    async of(extension) {
      const at = clock.now();
      if (!last || at - last.at > SHARED_MS) last = { at, trips: pbx.roundTrips() };
      const own = (await last.trips).filter((trip) => trip.extension === extension);
      return new Map(own.map(({ uri, microseconds }) => [uri, microseconds]));
    },
  };
}

/** URIs measured between the two readings. */
export const measuredBetween = (before: Measured, after: Measured): readonly string[] =>
  [...after].filter(([uri, microseconds]) => before.get(uri) !== microseconds).map(([uri]) => uri);
