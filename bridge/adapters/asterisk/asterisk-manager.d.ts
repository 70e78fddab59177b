// asterisk-manager 0.2.0 ships no types. Only what ami-*.ts uses is declared: the rest of it is not to be used
// (docs/adr/0003-what-stands-around-asterisk-manager.md).
declare module 'asterisk-manager' {
  export interface AsteriskManager {
    on(event: 'rawevent', listener: (item: Record<string, unknown>) => void): void;
    /** Always with a name: without one it also takes away the library's own guard against 'error'. */
    removeAllListeners(event: string): void;
    /** Calls net.createConnection in the same tick and hangs its parser on the socket. */
    connect(port: number, host: string): void;
    /** Logs in with what the constructor got; `refusal` is the parsed response of a refused login. */
    login(callback: (refusal?: Record<string, unknown>) => void): void;
    /** Writes in the same tick, but only after a login; changes the object it is given. */
    action(fields: Record<string, string>): string;
  }

  /** Without a port it does not connect by itself. */
  const Manager: new (
    port: undefined,
    host: string,
    user: string,
    secret: string,
    events: boolean,
  ) => AsteriskManager;
  export default Manager;
}
