// How the bridge starts and ends as a process.
import { pino } from 'pino';
import { ConfigError, readConfig, type Config } from './config.ts';

/** Exit codes: 78 (EX_CONFIG, sysexits.h) for a bad configuration, 1 for any other failure to start. */
export async function runProgram(
  start: (config: Config, log: pino.Logger) => Promise<() => Promise<void>>,
): Promise<void> {
  try {
    const config = readConfig(process.env);
    const log = pino({ level: config.LOG_LEVEL });
    const stop = await start(config, log);
    const end = (signal: string): void => {
      log.info({ signal }, 'bridge stops');
      void stop().then(() => process.exit(0));
    };
    process.once('SIGTERM', end).once('SIGINT', end);
  } catch (error) {
    const code = error instanceof ConfigError ? error.code : 'start-failed';
    pino().fatal(
      { code, error: error instanceof Error ? error.message : String(error) },
      'bridge cannot start',
    );
    // Rooms that opened before the failure may have set timers.
    process.exit(error instanceof ConfigError ? 78 : 1);
  }
}
