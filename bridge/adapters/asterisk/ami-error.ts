// The one error of the AMI adapter. Callers decide by `code`; Asterisk's own words are only in `message`.

export type AmiErrorCode =
  /** No connection, or cut before the login was through. */
  | 'connect'
  /** Asterisk refused user or secret. */
  | 'auth'
  /** The connection is gone; whether the action was carried out is not known. */
  | 'closed'
  /** No answer in time; whether the action was carried out is not known. */
  | 'timeout'
  /** Asterisk answered "Error". */
  | 'refused'
  /** We refused to send it (CR, LF, NUL, a bad name, too long). */
  | 'invalid'
  /** A limit was reached: pending actions, unsent bytes, list items, or bytes without an end of line. */
  | 'overflow'
  /** This Asterisk has no such action (module not loaded, or not yet). */
  | 'unsupported';

const retryable: Readonly<Record<AmiErrorCode, boolean>> = {
  connect: true,
  auth: false,
  closed: true,
  timeout: true,
  refused: false,
  invalid: false,
  overflow: true,
  unsupported: false,
};

export class AmiError extends Error {
  override readonly name = 'AmiError';
  readonly code: AmiErrorCode;
  /** The same request may succeed later without anybody changing anything. */
  readonly retryable: boolean;

  constructor(code: AmiErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.retryable = retryable[code];
  }
}
