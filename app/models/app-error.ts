// The one error type adapters throw: normalised once at each boundary, matched on `code`, worded from the catalogue.
import type { Refusal } from '../../domain/protocol/errors.ts';

export type PhoneErrorCode =
  'sip-refused' | 'sip-realm' | 'sip-timeout' | 'sip-transport' | 'microphone' | 'media' | 'call-gone';

export type ErrorCode = Refusal | PhoneErrorCode | 'network' | 'bad-answer' | 'connection-lost' | 'storage';

export class AppError extends Error {
  readonly code: ErrorCode;
  /** Whether waiting and trying again can help. */
  readonly retryable: boolean;

  constructor(code: ErrorCode, options: { readonly retryable: boolean; readonly cause?: unknown }) {
    super(code, { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.retryable = options.retryable;
  }
}

/** What fell through without a code is our own mistake: shown as such, never hidden. */
export const asAppError = (error: unknown): AppError =>
  error instanceof AppError ? error : new AppError('internal', { retryable: false, cause: error });
