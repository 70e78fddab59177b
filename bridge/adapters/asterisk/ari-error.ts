// The one error of the ARI adapter. Callers decide by `code`; words of Asterisk and of the network are only in `message`.

export type AriErrorCode =
  /** Asterisk answered no: wrong user or password, not allowed. */
  | 'refused'
  /** Nobody there, the connection is gone, or Asterisk has not booted. */
  | 'closed'
  /** No answer in time. */
  | 'timeout'
  /** This Asterisk has no such resource, or what answers is no Asterisk. */
  | 'unsupported';

const retryable: Readonly<Record<AriErrorCode, boolean>> = {
  refused: false,
  closed: true,
  timeout: true,
  unsupported: false,
};

export class AriError extends Error {
  override readonly name = 'AriError';
  readonly code: AriErrorCode;
  /** The same request may succeed later without anybody changing anything. */
  readonly retryable: boolean;

  constructor(code: AriErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.retryable = retryable[code];
  }
}

/**
 * What an HTTP status other than 2xx means. A booting Asterisk says 404 until ARI is loaded, then 503 until FullyBooted
 * (measured), so whoever waits for one tries again after 'unsupported' too.
 */
export function errorOfStatus(what: string, status: number): AriError {
  const words = `${what}: Asterisk answered ${status}`;
  if (status === 404) return new AriError('unsupported', words);
  return new AriError(status >= 500 ? 'closed' : 'refused', words);
}
