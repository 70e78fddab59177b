// One GET of ARI: own deadline, one kind of error, JSON.
import type { Clock } from '../../../domain/clock.ts';
import { authorizationOf, resourceUrl, type AriAddress } from './ari-address.ts';
import { AriError, errorOfStatus } from './ari-error.ts';

/** 1,000 endpoints are 0.1 MB (measured); beyond this it is not what was asked for. */
const MOST_BODY_BYTES = 16 * 1_048_576;

export interface AriGetDeps {
  readonly clock: Clock;
  /** For the whole of it, ms. */
  readonly timeoutMs: number;
  /** Its reason, an AriError, is what the call then rejects with. */
  readonly signal: AbortSignal;
}

async function textOf(response: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += part.length;
    if (bytes > MOST_BODY_BYTES) throw new AriError('unsupported', 'ARI answered without end');
    parts.push(part);
  }
  return Buffer.concat(parts).toString();
}

async function fetchJson(address: AriAddress, path: string, signal: AbortSignal): Promise<unknown> {
  const response = await fetch(resourceUrl(address, path), {
    // Another place is not to be told the password.
    redirect: 'manual',
    // A connection kept for later would be one of Asterisk's few sessions, and stale after its restart.
    headers: { ...authorizationOf(address), connection: 'close' },
    signal,
  });
  const text = await textOf(response);
  if (!response.ok) throw errorOfStatus(`GET ${path}`, response.status);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new AriError('unsupported', `GET ${path}: the answer is not JSON`, cause);
  }
}

/** The body as JSON, unchecked. Rejects AriError. */
export async function ariGet(address: AriAddress, path: string, deps: AriGetDeps): Promise<unknown> {
  const late = new AbortController();
  const stopTimer = deps.clock.after(deps.timeoutMs, () =>
    late.abort(new AriError('timeout', `GET ${path}: no answer in ${deps.timeoutMs} ms`)),
  );
  try {
    return await fetchJson(address, path, AbortSignal.any([late.signal, deps.signal]));
  } catch (error) {
    if (error instanceof AriError) throw error;
    // fetch says only "fetch failed"; what failed is its cause.
    const { cause } = error as Error;
    const words = cause instanceof Error ? cause.message || (cause as NodeJS.ErrnoException).code : '';
    throw new AriError('closed', `GET ${path}: ${words || String(error)}`, error);
  } finally {
    stopTimer();
  }
}
