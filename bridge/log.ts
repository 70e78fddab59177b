// The logger as the rooms see it; pino fits it.

export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** What may be written of an error: its code and words, and those of its cause; never its fields. */
export function errorFields(error: unknown): {
  readonly code?: string;
  readonly error: string;
  readonly cause?: string;
} {
  if (!(error instanceof Error)) return { error: String(error) };
  const code = 'code' in error && typeof error.code === 'string' ? { code: error.code } : {};
  const cause = error.cause instanceof Error ? { cause: error.cause.message } : {};
  return { ...code, error: error.message, ...cause };
}
