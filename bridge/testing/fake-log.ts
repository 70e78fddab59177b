// A log for tests: every line, in order.
import type { Log } from '../log.ts';

export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly message: string;
  readonly fields: object;
}

export interface FakeLog extends Log {
  readonly lines: readonly LogLine[];
  /** The messages of one level, in order. */
  said(level: LogLine['level']): readonly string[];
}

export function createFakeLog(): FakeLog {
  const lines: LogLine[] = [];
  const at =
    (level: LogLine['level']) =>
    (fields: object, message: string): void =>
      void lines.push({ level, message, fields });
  return {
    lines,
    said: (level) => lines.filter((line) => line.level === level).map((line) => line.message),
    ...{ debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') },
  };
}
