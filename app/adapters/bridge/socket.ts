// WR1: one WebSocket to the bridge, decoded. The token goes in the first frame, never in the address.
import { decodeServer, encodeClient } from '../../../domain/protocol/codec.ts';
import type { BridgePort } from '../../models/ports.ts';

/** `http(s)` or relative to `base` becomes `ws(s)`. */
export function socketUrl(path: string, base: string): string {
  const url = new URL(path, base);
  url.protocol = url.protocol.replace(/^http/, 'ws');
  return url.href;
}

export function createBridge(base: string): BridgePort {
  return {
    open(listener) {
      const socket = new WebSocket(socketUrl('socket', base));
      const silence = new AbortController();
      const heard = { signal: silence.signal };
      socket.addEventListener('open', () => listener.handleOpen(), heard);
      socket.addEventListener('close', (event) => listener.handleClose(event.code), heard);
      socket.addEventListener(
        'message',
        (event: MessageEvent<unknown>) => {
          const decoded = decodeServer(typeof event.data === 'string' ? event.data : '');
          if (decoded.ok) listener.handleFrame(decoded.message.n, decoded.message.body);
          else listener.handleBadFrame(decoded.problem);
        },
        heard,
      );
      return {
        send(message) {
          // A socket on its way out takes nothing; its end is told by handleClose.
          if (socket.readyState === WebSocket.OPEN) socket.send(encodeClient(message));
        },
        drop() {
          silence.abort();
          socket.close();
        },
      };
    },
  };
}
