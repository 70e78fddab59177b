// A proxy before an AMI port that knows what goes through: it breaks single actions by name, and drops events.
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** One message as it is on the wire, without the empty line behind it. */
export type AmiText = string;

export type AmiFault =
  /** Answered by us, `Response: Error`. */
  | { readonly type: 'refuse'; readonly message: string }
  /** Never answered. */
  | { readonly type: 'swallow' }
  /** Asterisk answers now, and that answer waits for `mend`. */
  | { readonly type: 'hold' }
  /** A list of ours, whatever Asterisk would say; each item is an event's lines. */
  | { readonly type: 'answer'; readonly items: readonly AmiText[] }
  /** Asterisk's list, each item as `edit` leaves it. */
  | { readonly type: 'edit'; readonly edit: (item: AmiText) => AmiText };

export interface MethodProxy {
  readonly port: number;
  /** How often the action was sent through here. */
  asked(action: string): number;
  /** How many answers wait behind a `hold`, whole. */
  held(): number;
  breakDown(action: string, fault: AmiFault): void;
  /** That action, or all: they pass again, and what was held goes on its way. */
  mend(action?: string): void;
  /** Unsolicited events of which this says true are gone; null: all pass. Items of lists are no such events. */
  drop(isDropped: ((event: AmiText) => boolean) | null): void;
  close(): Promise<void>;
}

const END = '\r\n\r\n';

/** The value of a header, '' when there is none. */
export const headerOf = (message: AmiText, name: string): string =>
  new RegExp(`^${name}: ?(.*)$`, 'im').exec(message)?.[1]?.trimEnd() ?? '';

/** Calls for each complete message; what is no message yet waits. Latin-1, so that every byte comes out as it went in. */
function inMessages(take: (message: AmiText) => void): (data: Buffer) => void {
  let rest = '';
  return (data) => {
    const messages = (rest + data.toString('latin1')).split(END);
    rest = messages.pop() ?? '';
    for (const message of messages) take(message);
  };
}

/** Of the answer to one question: a list goes on until it says so. */
const isLast = (message: AmiText): boolean => {
  const list = headerOf(message, 'EventList');
  return headerOf(message, 'Response') === '' ? list === 'Complete' : list !== 'start';
};

const write = (socket: Socket, message: AmiText): void => void socket.write(message + END, 'latin1');

/** The messages of a list, as Asterisk frames one. */
function listOf(action: string, id: string, items: readonly AmiText[]): readonly AmiText[] {
  const own = `ActionID: ${id}`;
  return [
    `Response: Success\r\n${own}\r\nEventList: start\r\nMessage: Following`,
    ...items.map((item) => `${item}\r\n${own}`),
    `Event: ${action}Complete\r\n${own}\r\nEventList: Complete\r\nListItems: ${items.length}`,
  ];
}

/** What Asterisk said before its first message: one line that no empty line ends. */
function withGreeting(client: Socket, rest: (data: Buffer) => void): (data: Buffer) => void {
  let greeted = false;
  return (data) => {
    const end = greeted ? 0 : data.indexOf('\r\n') + 2;
    if (!greeted) client.write(data.subarray(0, end));
    greeted = true;
    rest(data.subarray(end));
  };
}

class Switches {
  readonly faults = new Map<string, AmiFault>();
  readonly asked = new Map<string, number>();
  readonly held: { readonly action: string; readonly isLast: boolean; readonly pass: () => void }[] = [];
  isDropped: ((event: AmiText) => boolean) | null = null;

  mend(action?: string): void {
    if (action === undefined) this.faults.clear();
    else this.faults.delete(action);
    const freed = this.held.filter((one) => action === undefined || one.action === action);
    this.held.splice(0, this.held.length, ...this.held.filter((one) => !freed.includes(one)));
    for (const { pass } of freed) pass();
  }
}

/** One connection: questions from the client one way, answers and events the other. */
function join(client: Socket, asterisk: Socket, switches: Switches): void {
  /** Questions whose answers are meddled with, with what was in force when they were asked. */
  const meddled = new Map<string, { readonly action: string; readonly fault: AmiFault }>();

  function ask(message: AmiText): void {
    const [action, id] = [headerOf(message, 'Action'), headerOf(message, 'ActionID')];
    switches.asked.set(action, (switches.asked.get(action) ?? 0) + 1);
    const fault = switches.faults.get(action);
    if (fault?.type === 'swallow') return;
    if (fault?.type === 'refuse')
      return write(client, `Response: Error\r\nActionID: ${id}\r\nMessage: ${fault.message}`);
    if (fault?.type === 'answer') {
      for (const one of listOf(action, id, fault.items)) write(client, one);
      return;
    }
    if (fault) meddled.set(id, { action, fault });
    write(asterisk, message);
  }

  function answer(message: AmiText): void {
    const known = meddled.get(headerOf(message, 'ActionID'));
    if (known?.fault.type === 'edit') return write(client, known.fault.edit(message));
    if (known && switches.faults.get(known.action) === known.fault) {
      const { action } = known;
      switches.held.push({ action, isLast: isLast(message), pass: () => write(client, message) });
      return;
    }
    const isEvent = headerOf(message, 'Event') !== '' && headerOf(message, 'ActionID') === '';
    if (isEvent && switches.isDropped?.(message) === true) return;
    write(client, message);
  }

  client.on('data', inMessages(ask));
  asterisk.on('data', withGreeting(client, inMessages(answer)));
  client.once('close', () => asterisk.destroy());
  asterisk.once('close', () => client.destroy());
}

export async function openMethodProxy(target: {
  readonly host: string;
  readonly port: number;
}): Promise<MethodProxy> {
  const switches = new Switches();
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const asterisk = connect(target.port, target.host);
    for (const socket of [client, asterisk]) {
      sockets.add(socket);
      socket.setNoDelay(true).on('error', () => undefined);
      socket.once('close', () => sockets.delete(socket));
    }
    join(client, asterisk, switches);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    asked: (action) => switches.asked.get(action) ?? 0,
    held: () => switches.held.filter((one) => one.isLast).length,
    breakDown: (action, fault) => void switches.faults.set(action, fault),
    mend: (action) => switches.mend(action),
    drop: (isDropped) => void (switches.isDropped = isDropped),
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
